import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { contentDisposition } from '../../files/name.ts'
import { MEDIA_TYPES } from '../../openapi/negotiation.ts'
import { callerOf } from '../../route-kit/kit.ts'

/** Sends rows as a workbook of one sheet, or as CSV, whose columns have the titles of their schemas. `name` is text, without a suffix. */
export async function sendWorkbook<C extends Readonly<Record<string, TSchema>>>(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  {
    name,
    columns,
    rows,
    type = 'xlsx',
  }: { name: string; columns: C; rows: readonly { readonly [K in keyof C]: string | number | null }[]; type?: 'xlsx' | 'csv' },
): Promise<FastifyReply> {
  const place = app.workshop.enter(callerOf(request).user.id, 'HUB_EXPORT_BUSY')
  reply.raw.once('close', place.leave)
  try {
    const wanted: (keyof C)[] = Object.keys(columns)
    const head = Object.values(columns).map((column) => String((column as { title?: string }).title))
    const sheet = { name: '统计', head, money: head.map(() => false) }
    const file = await place.make({ type, sheets: [sheet] }, [{ sheet: 0, rows: rows.map((row) => wanted.map((column) => row[column])) }])
    reply.header('content-type', type === 'csv' ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES.xlsx)
    reply.header('content-disposition', contentDisposition(`${name}.${type}`, 'attachment', 'statistics'))
    return reply.send(file)
  } catch (error) {
    place.leave()
    throw error
  }
}
