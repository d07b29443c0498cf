import type { FastifyInstance } from 'fastify'
import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'
import type { FileRule, FileValue, InputNotes, Inputs } from '../../core/contract/inputs.ts'
import { type Acting, seenBy } from '../access/principal.ts'
import type { FileRow } from './rows.ts'
import { fileStates, seenStates } from './states.ts'

/** What a file was given to. */
export type Holder = `submission:${string}` | `act:${string}`

/** They go in one body, and are held in memory for it. */
const MAX_TOGETHER = 16 * 1024 * 1024

interface Named {
  input: string
  /** RFC 6901, within the body. */
  pointer: string
  id: string
  rule: FileRule
}

/** The files that a validated input names, by the inputs that take files. */
function filesIn(inputs: Inputs, input: Readonly<Record<string, unknown>>): Named[] {
  return Object.entries(inputs).flatMap(([name, { notes }]): Named[] => {
    const rule = ruleOf(notes)
    const value = input[name]
    if (!rule || value === undefined || value === null) return []
    if (!Array.isArray(value)) return [{ input: name, pointer: `/body/${name}`, id: String(value), rule }]
    return value.map((id, index) => ({ input: name, pointer: `/body/${name}/${index}`, id: String(id), rule }))
  })
}

function ruleOf({ file, item }: InputNotes): FileRule | undefined {
  return file ?? item?.file
}

/**
 * Gives the files that an input names to what is being accepted, within the transaction that accepts it: from then on
 * they are neither deleted nor given elsewhere. Each must be ready, of the same principal and fit the declaration;
 * throws HUB_VALIDATION that says of every one what is wrong.
 */
export async function attachFiles(
  transaction: Knex.Transaction,
  by: Acting,
  holder: Holder,
  inputs: Inputs,
  input: Readonly<Record<string, unknown>>,
): Promise<void> {
  const named = filesIn(inputs, input)
  if (named.length === 0) return
  const errors: { pointer: string; detail: string }[] = []
  const taken = new Set<string>()
  for (const { input: name, pointer, id, rule } of named) {
    const own = { ...seenBy(by), id }
    const changes = { attached_to: holder, attached_as: name, expires_at: null, retry_at: null, updated_at: Date.now() }
    const given = taken.has(id) ? 0 : await usable(transaction, own, rule).update(changes)
    if (given === 1) taken.add(id)
    else errors.push({ pointer, detail: await reasonOf(transaction, own, rule) })
  }
  if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
  const ids = named.map(({ id }) => id)
  const { bytes } = (await transaction('files').whereIn('id', ids).sum({ bytes: 'size' }).first()) as { bytes: number | string }
  if (Number(bytes) > MAX_TOGETHER)
    throw new HubError('HUB_VALIDATION', { errors: named.map(({ pointer }) => ({ pointer, detail: '附件合计不能超过 16 MB' })) })
}

/** Whether {@link attachFiles} would take them, found out before anything is spent on what is being accepted. Throws as it does. */
export async function assertFiles(database: Knex, by: Acting, inputs: Inputs, input: Readonly<Record<string, unknown>>): Promise<void> {
  const errors: { pointer: string; detail: string }[] = []
  for (const { pointer, id, rule } of filesIn(inputs, input)) {
    const own = { ...seenBy(by), id }
    if (!(await usable(database, own, rule).first('id'))) errors.push({ pointer, detail: await reasonOf(database, own, rule) })
  }
  if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
}

function usable(store: Knex, own: object, { mediaTypes, maxBytes }: FileRule): Knex.QueryBuilder {
  return store('files')
    .where({ ...own, state: 'ready', attached_to: null })
    .whereIn('media_type', [...mediaTypes])
    .where('size', '<=', maxBytes)
}

/**
 * The input with its files in place of their ids, as the agency is given them: those alone that were given to this
 * holder. Throws where one cannot be read: then nothing is sent.
 */
export async function fillFiles(
  { database, files }: Pick<FastifyInstance, 'database' | 'files'>,
  holder: Holder,
  inputs: Inputs,
  input: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const named = filesIn(inputs, input)
  if (named.length === 0) return input
  const filled: Record<string, unknown> = { ...input }
  for (const { input: name, id } of named) {
    const row = await database<FileRow>('files').where({ id, attached_to: holder, state: 'ready' }).first()
    if (!row) throw new Error(`file ${id} is not there for ${holder}`)
    const pieces: Buffer[] = []
    for await (const piece of files.content.read(row)) pieces.push(piece)
    const value: FileValue = { content: Buffer.concat(pieces).toString('base64'), name: files.view(row).name }
    filled[name] = Array.isArray(input[name])
      ? [...(Array.isArray(filled[name]) && filled[name] !== input[name] ? filled[name] : []), value]
      : value
  }
  return filled
}

async function reasonOf(transaction: Knex, own: object, { mediaTypes, maxBytes }: FileRule): Promise<string> {
  const row = await transaction<FileRow>('files')
    .where(own)
    .whereIn('state', [...seenStates])
    .first()
  // The same for somebody else's and for one that there never was.
  if (!row) return '没有这个文件，请先上传'
  if (row.state !== 'ready') return `这个文件${fileStates[row.state].title}，还不能使用`
  if (!mediaTypes.includes(row.media_type)) return `只能是：${mediaTypes.join('、')}`
  if (Number(row.size) > maxBytes) return `不能超过 ${Math.floor(maxBytes / 1024)} KB`
  return '这个文件已用于另一项申请，请重新上传'
}
