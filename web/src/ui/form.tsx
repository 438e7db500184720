// Forms: each sends once, and shows what is wrong with a field at the field.

import { createContext, type ComponentChildren } from 'preact';
import { useContext, useId, useState } from 'preact/hooks';
import { sentence } from './toast.tsx';

interface Problem {
  field: string | undefined;
  message: string;
}

const Problems = createContext<{ problem: Problem | null; fields: Set<string> }>({ problem: null, fields: new Set() });

/** Fields of REST and of GraphQL have the same names, in two spellings. */
const spelt = (field: string) => field.replace(/^input\./, '').replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

interface FormProps {
  submit: string;
  onSubmit: (values: Record<string, string>) => Promise<void>;
  children: ComponentChildren;
  class?: string;
  /** Beside the button. */
  aside?: ComponentChildren;
}

export function Form({ submit, onSubmit, children, aside, class: className = 'form' }: FormProps) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const [fields] = useState(() => new Set<string>());
  const send = async (event: Event) => {
    event.preventDefault();
    if (isSending) return;
    const form = event.currentTarget as HTMLFormElement;
    const values: Record<string, string> = {};
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') values[name] = value;
    setSending(true);
    setProblem(null);
    try {
      await onSubmit(values);
    } catch (error) {
      const field = (error as { field?: string }).field;
      const known = field === undefined ? undefined : [...fields].find((name) => name === field || name === spelt(field));
      const message = sentence(error instanceof Error ? error.message : String(error));
      setProblem({ field: known, message: known || field === undefined ? message : sentence(`${field} ${message}`) });
      if (known) form.querySelector<HTMLElement>(`[name="${known}"]`)?.focus();
    } finally {
      setSending(false);
    }
  };
  return (
    <Problems.Provider value={{ problem, fields }}>
      <form class={className} onSubmit={send} noValidate>
        {children}
        {problem && !problem.field && <p class="problem" role="alert">{problem.message}</p>}
        <div class="actions">
          <button type="submit" class="button primary" disabled={isSending}>{isSending ? 'One moment…' : submit}</button>
          {aside}
        </div>
      </form>
    </Problems.Provider>
  );
}

interface FieldProps {
  label: string;
  name: string;
  hint?: ComponentChildren;
  /** Makes something else than an input. */
  children?: (attributes: { id: string; name: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }) => ComponentChildren;
  // The attributes of the input.
  type?: 'text' | 'email' | 'password' | 'number';
  autocomplete?: string;
  inputMode?: 'email' | 'tel';
  placeholder?: string;
  defaultValue?: string;
  value?: string;
  min?: number;
  max?: number;
  list?: string;
  class?: string;
  spellcheck?: boolean;
  onInput?: (event: Event & { currentTarget: HTMLInputElement }) => void;
}

/** A labelled input, or what `children` makes instead of one. */
export function Field({ label, name, hint, children, ...input }: FieldProps) {
  const { problem, fields } = useContext(Problems);
  fields.add(name);
  const id = useId();
  const message = problem?.field === name ? problem.message : null;
  const described = [message && `${id}-problem`, hint && `${id}-hint`].filter(Boolean).join(' ');
  const attributes = { id, name, ...(described && { 'aria-describedby': described }), ...(message && { 'aria-invalid': true }) };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children ? children(attributes) : <input type="text" {...(input as object)} {...attributes} />}
      {message && <p class="problem" id={`${id}-problem`} role="alert">{message}</p>}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}
