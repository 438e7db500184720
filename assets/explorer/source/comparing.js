// Monaco's editors that compare texts. Its own modules demand them, and GraphiQL never makes one.
export class DiffEditorWidget {}
export class MultiDiffEditorWidget {}
