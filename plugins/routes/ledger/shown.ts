import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import { beijing } from '../../../core/base/time.ts'
import { masked } from '../../operations/ledger/questions.ts'
import type { LedgerEntry } from '../../operations/ledger/read.ts'
import { useKinds } from '../../operations/ledger/uses.ts'
import { part } from '../../route-kit/part.ts'
import { adminRoles } from '../../users/roles.ts'
import { personSchema } from '../me.ts'

export const entrySchema = part.row({
  id: part.text('记录编号'),
  at: part.moment('时间'),
  use: part.choice('谁使用', useKinds),
  useName: part.text('使用者的身份'),
  who: part.text('应用、单位或角色'),
  behalf: part.text('代表谁'),
  connector: part.maybe('系统编号'),
  service: part.maybe('服务编号'),
  what: part.text('办什么事'),
  purpose: part.maybe('事由'),
  fields: part.list('用到的内容', part.text('字段名称')),
  rows: { type: ['integer', 'null'], title: '记录条数' } as unknown as TSchema,
  outcomeName: part.text('结果'),
  traceId: part.text('追踪号'),
  delayed: part.flag('是否依规定延迟公布'),
  shownAt: part.moment('公布时间'),
})

const personTitles = titlesOf(personSchema)

function titlesOf(schema: TSchema): ReadonlyMap<string, string> {
  const { properties = {} } = schema as { properties?: Readonly<Record<string, { title?: string }>> }
  return new Map(Object.entries(properties).map(([name, { title = name }]) => [name, title]))
}

/** Entries in words for the one whose data they are; nobody is named but by office, application or enterprise. */
export async function shownEntries(app: FastifyInstance, entries: readonly LedgerEntry[]) {
  const apps = [...new Set(entries.flatMap(({ row }) => row.app ?? []))]
  const firms = [...new Set(entries.flatMap(({ row }) => row.enterprise ?? []))]
  const clients = await app.authorizationStore.clients.describe(apps)
  const enterprises: { id: string; name: string }[] =
    firms.length === 0 ? [] : await app.database('enterprises').whereIn('id', firms).select('id', 'name')
  const firmNames = new Map(enterprises.map(({ id, name }) => [id, name]))
  return entries.map((entry) =>
    shown(
      app,
      entry,
      (id) => clients.get(id)?.name,
      (id) => firmNames.get(id),
    ),
  )
}

type NameOf = (id: string) => string | undefined

function shown(app: FastifyInstance, { id, at, use, shownAt, row }: LedgerEntry, clientName: NameOf, firmName: NameOf) {
  const service = app.services.get(`${row.connector}.${row.service}`)
  const firm = row.enterprise === null ? undefined : firmName(row.enterprise)
  const what = service?.contract.name ?? whatOf(app, row)
  return {
    ...{ id, at: beijing(at), use, useName: useKinds[use] },
    who: whoOf(use, row, clientName),
    behalf: firm ?? (use === 'family' || use === 'representative' ? '您的家庭成员、监护人或窗口' : BEHALF[use]),
    ...{ connector: row.connector, service: row.service, what },
    purpose: row.purpose === null || row.purpose === what ? null : masked(row.purpose),
    fields: row.fields.map((name) => titleOf(app, name, service?.contract.fields)),
    rows: row.rows,
    outcomeName: '已提供',
    traceId: row.traceId,
    ...{ delayed: shownAt > at, shownAt: beijing(shownAt) },
  }
}

const BEHALF: Readonly<Partial<Record<LedgerEntry['use'], string>>> & { [more: string]: string } = {
  own: '您本人',
  application: '您本人（经您授权）',
  agency: '该单位',
  administrator: '平台',
  platform: '您本人',
  agent: '您的单位',
}

function whoOf(use: LedgerEntry['use'], { app, role }: LedgerEntry['row'], clientName: NameOf): string {
  if (use === 'administrator') return adminRoles[role as keyof typeof adminRoles] ?? '平台管理人员'
  if (use === 'platform') return '本平台'
  if (app === 'hub-pages') return '办事大厅'
  return (app === null ? undefined : clientName(app)) ?? '“我的许昌”'
}

function whatOf(app: FastifyInstance, { connector, service }: LedgerEntry['row']): string {
  if (service === 'oauth.userinfo') return '向应用提供您的身份信息'
  return app.ledger.actName(service ?? '') ?? app.connectors.find(({ id }) => id === connector)?.name ?? '其他'
}

function titleOf(app: FastifyInstance, name: string, fields: Readonly<Record<string, { notes: { title: string } }>> | undefined): string {
  const claims = [...app.authorization.scopes.values()].flatMap(({ fields: all }) => all)
  return fields?.[name]?.notes.title ?? claims.find(({ claim }) => claim === name)?.title ?? personTitles.get(name) ?? name
}
