// The configuration of a provider, from the fields of a form.

/** The settings of a form, whose names begin with `setting.`; null when all are empty. */
export function configurationOf(values: Record<string, string>): Record<string, unknown> | null {
  const settings = Object.entries(values)
    .filter(([name, value]) => name.startsWith('setting.') && value.trim() !== '')
    .map(([name, value]) => [name.slice('setting.'.length), valueOf(value.trim())] as const);
  return settings.length > 0 ? Object.fromEntries(settings) : null;
}

/** Lists, objects and yes or no are written as in JSON; everything else is text, numbers too: most of them are names. */
function valueOf(text: string): unknown {
  if (!/^([[{].*|true|false)$/s.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
