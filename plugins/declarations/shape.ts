/** What a value of a declaration may be, as the types say it (shapes.ts). */
export type Shape =
  | 'any'
  | 'text'
  | 'number'
  | 'flag'
  | 'object'
  | 'function'
  | { readonly words: readonly (string | number | boolean | null)[] }
  | { readonly list: Shape }
  | { readonly map: Shape }
  /** By name, with `?` behind what may be left out. */
  | { readonly options: Readonly<Record<string, Shape>> }
  | { readonly either: readonly Shape[] }
  /** One that has a name. */
  | { readonly of: string }
