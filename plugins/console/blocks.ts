/**
 * What pages of the console are made of: data alone. The templates in `templates/` draw it and escape whatever it holds, so that a
 * section writes no HTML.
 */

/** Beside every colour stands a word: nobody has to see the colour. */
export type Tone = 'good' | 'note' | 'bad' | 'plain'

export interface Mark {
  text: string
  /** A path of the console. */
  href?: string
  /** Drawn as a label of that colour. */
  tone?: Tone
  /** In small print below. */
  more?: string
}

/** What stands in a cell; null where there is nothing. */
export type Cell = string | number | null | Mark | readonly (string | Mark)[]

export interface Table {
  kind: 'table'
  /** What the rows are; read to whoever doesn't see it. */
  caption: string
  columns: readonly string[]
  rows: readonly (readonly Cell[])[]
  /** What is said where there are none. */
  empty: string
  /** Opened by a click, where it says what stands above it once more. */
  folded?: boolean
}

export interface Facts {
  kind: 'facts'
  rows: readonly (readonly [title: string, value: Cell])[]
}

export interface Heading {
  kind: 'heading'
  text: string
}

/** A note is said at once to whoever doesn't see it: `bad` as an alert. */
export interface Note {
  kind: 'note'
  tone: Tone
  title: string
  lines?: readonly string[]
  /** By which those who run the hub find what happened. */
  trace?: string
}

export interface Field {
  name: string
  label: string
  type: 'text' | 'area' | 'date' | 'moment' | 'number' | 'choice' | 'boxes' | 'code' | 'hidden'
  value?: string | readonly string[]
  options?: readonly { value: string; label: string }[]
  required?: boolean
  maxLength?: number
  hint?: string
  /** What is wrong with it. */
  problem?: string
}

/** A form that does something. The number and the seal that it carries are added where it is drawn. */
export interface Form {
  kind: 'form'
  /** The path of {@link Desk.act}, as the browser names it. */
  action: string
  title?: string
  fields: readonly Field[]
  button: string
  /** What cannot be taken back is drawn in red. */
  tone?: 'bad'
  /** Opened by a click where it would fill the page. */
  folded?: boolean
}

/** A form that narrows what is shown; it goes into the address. */
export interface Filters {
  kind: 'filters'
  action: string
  /** Default: 查询. */
  button?: string
  fields: readonly Field[]
}

/** Ways to the pages before and after. */
export interface Pager {
  kind: 'pager'
  words: string
  links: readonly { text: string; href: string }[]
}

export interface Tile {
  title: string
  href?: string
  /** In colour and in word. */
  state: { text: string; tone: Tone }
  lines: readonly string[]
}

export interface Tiles {
  kind: 'tiles'
  tiles: readonly Tile[]
}

export interface Links {
  kind: 'links'
  links: readonly { text: string; href: string }[]
}

/** A drawing that the hub made itself: SVG without a script or a style of its own. Nothing from outside may stand in it unescaped. */
export interface Drawing {
  kind: 'drawing'
  caption: string
  svg: string
  /** Scrolled sideways where it would become too small to read. */
  wide?: boolean
}

/** A line in small print: what is not there, or what numbers are of. */
export interface Words {
  kind: 'words'
  text: string
}

/** Numbers that are read from afar. */
export interface Figures {
  kind: 'figures'
  figures: readonly { title: string; value: string; tone?: Tone; more?: string }[]
}

/** Beside one another where there is room. */
export interface Grid {
  kind: 'grid'
  cells: readonly (readonly Block[])[]
}

export type Block = Table | Facts | Heading | Note | Form | Filters | Pager | Tiles | Links | Drawing | Words | Figures | Grid

export interface ConsolePage {
  title: string
  blocks: readonly Block[]
  /** Default 200. */
  status?: number
  /** For a screen on a wall: dark, and nothing around it. */
  board?: boolean
}
