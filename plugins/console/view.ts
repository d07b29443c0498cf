import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import { escapeHtml } from '../web/page.ts'
import type { ConsolePage } from './blocks.ts'
import type { FormTicket } from './forms.ts'
import type { Section } from './section.ts'
import { CONSOLE_STYLE } from './style.ts'

/** Beside this file, in a build too. */
const TEMPLATES = fileURLToPath(new URL('./templates/', import.meta.url))

/** What `@fastify/view` is told. Templates escape what they are given, except where they say `<%~`. */
export const viewOptions = {
  engine: {
    eta: new Eta({ autoEscape: true, escapeFunction: (value: unknown) => escapeHtml(String(value ?? '')), autoTrim: [false, 'nl'] }),
  },
  root: TEMPLATES,
  production: true,
}

/** Around a page: who sits there, where else he may go, and what his forms carry. */
export interface Frame {
  /** null where nobody has come in yet. */
  who: string | null
  sections: readonly (Pick<Section, 'path' | 'title'> & { current: boolean })[]
  /** For the form that is sent to this path. */
  ticket(action: string): FormTicket
}

/** What the template `page` is given. */
export function viewOf({ title, blocks }: ConsolePage, frame: Frame): object {
  return { title, blocks, style: CONSOLE_STYLE, ...frame }
}
