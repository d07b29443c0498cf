import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { isIdNumber } from '../core/base/checksums.ts'
import { type Fields, rowSchema } from '../core/contract/fields.ts'
import { type MaskName, masks } from '../core/contract/masks.ts'
import type { SandboxRow } from '../core/contract/types.ts'
import { checkDeclarations } from '../plugins/declarations/check.ts'
import { checkPages } from '../plugins/hall/policy.ts'
import { kinds } from '../plugins/kinds/index.ts'
import { checkWithholding } from '../plugins/operations/ledger/withholding.ts'
import { type Bench, describe, readJson, rowsIn } from './bench.ts'
import type { Check, PaperCheck } from './check.ts'
import { checkReadable } from './readable.ts'
import { promisedFaults } from './variants.ts'

const ajv = new Ajv({ strict: false })
formats.default(ajv)

const SECRET = /secret not marked$/

export const bronzePapers: readonly PaperCheck[] = [
  {
    id: 'declaration',
    title: '声明有效',
    tier: 'bronze',
    read: ({ connector }) => checkDeclarations([connector], kinds).filter((violation) => !SECRET.test(violation)),
  },
  {
    id: 'secrets',
    title: '凭据已标为机密',
    tier: 'bronze',
    read: ({ connector }) => checkDeclarations([connector], kinds).filter((violation) => SECRET.test(violation)),
  },
  { id: 'ledger', title: '延迟公布的使用记录写明期限和依据', tier: 'bronze', read: ({ connector }) => checkWithholding(connector) },
  { id: 'pages', title: '办事大厅里的页面只说到有的服务', tier: 'bronze', read: ({ connector }) => checkPages(connector) },
]

export const bronze: readonly Check[] = [
  {
    id: 'answers',
    title: '每项服务都能从沙箱得到答复，类型合乎声明',
    tier: 'bronze',
    run: ({ answered, silent }) => [
      ...silent.map(({ service, reason }) => `${service.contract.id}：没有人得到答复（${reason}）`),
      ...answered.flatMap(({ service: { contract, rows }, response }) => {
        const { data } = readJson(response)
        const check = ajv.compile(rowSchema(contract.fields))
        const wrong = rowsIn(response).find((row) => !check(row))
        if (data !== undefined && Array.isArray(data) !== (rows === 'many')) return [`${contract.id}：一条还是多条，与声明不符`]
        return wrong === undefined ? [] : [`${contract.id}：${ajv.errorsText(check.errors)}`]
      }),
    ],
  },
  { id: 'readable', title: '沙箱的数据与声明的类型和代码表相符', tier: 'bronze', run: checkReadable },
  {
    id: 'masks',
    title: '证件号码和声明要遮盖的内容没有原样给出',
    tier: 'bronze',
    run: (bench) => [...new Set(bench.answered.flatMap((answer) => shownIn(bench, answer)))],
  },
  { id: 'faults', title: '对方系统出故障时给出约定的错误', tier: 'bronze', run: tryFaults },
]

/** Division, birthday, order and check digit (GB 11643). */
const ID_FORM = /(?<![0-9A-Za-z])[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dX](?![0-9A-Za-z])/gi

/** Whether a text holds an id number. Permits are numbered in the same form, of which the check digit tells them apart. */
export function holdsIdNumber(text: string): boolean {
  return (text.match(ID_FORM) ?? []).some((number) => isIdNumber(number.toUpperCase()))
}

/** These also stand elsewhere in a record with good reason: the owner's own name, the address of the house. */
const COMMONPLACE = new Set(['name', 'address'])

function shownIn({ lab }: Bench, { service: { contract }, service, subject, response }: Bench['answered'][number]): string[] {
  const { body } = response
  const held = subject ? maskedValues(contract.fields, lab.rowsOf(service, subject)) : []
  const given = new Set(valuesByField(contract.fields, rowsIn(response)).map(({ field, value }) => `${field} ${value}`))
  const shown = held.filter(
    ({ field, mask, value }) => value.length > 1 && (COMMONPLACE.has(mask) ? given.has(`${field} ${value}`) : body.includes(`"${value}"`)),
  )
  return [
    ...shown.map(({ field }) => `${contract.id}.${field}：原样给出`),
    ...(holdsIdNumber(body) ? [`${contract.id}：含有证件号码`] : []),
  ]
}

/** Texts of an answer, by the field they stand in. */
export function valuesByField(fields: Fields, rows: readonly Record<string, unknown>[]): { field: string; value: string }[] {
  return Object.entries(fields).flatMap(([field, { notes }]) =>
    rows.flatMap(({ [field]: value }) => {
      if (typeof value === 'string') return [{ field, value }]
      if (!notes.columns || !Array.isArray(value)) return []
      return valuesByField(notes.columns, value as Record<string, unknown>[]).map((inner) => ({
        ...inner,
        field: `${field}.${inner.field}`,
      }))
    }),
  )
}

/** What the declaration masks, as it stands at the agency, in rows and their lists. */
export function maskedValues(fields: Fields, rows: readonly SandboxRow[]): { field: string; value: string; mask: MaskName }[] {
  return Object.entries(fields).flatMap(([field, { notes }]) => {
    const { mask } = notes
    const values = rows.flatMap((row) => [...notes.codes, field].map((code) => row[code]))
    if (notes.columns) {
      const lists = values.filter((value): value is SandboxRow[] => Array.isArray(value))
      return lists.flatMap((list) =>
        maskedValues(notes.columns ?? {}, list).map((inner) => ({ ...inner, field: `${field}.${inner.field}` })),
      )
    }
    // What the mask itself leaves whole, an organisation's name, is no secret.
    const isSecret = (value: unknown): value is string => mask !== undefined && typeof value === 'string' && masks[mask](value) !== value
    return mask ? values.filter(isSecret).map((value) => ({ field, value, mask })) : []
  })
}

/** Words of the sandbox's troubled agencies that no caller may read. */
const AGENCY_WORDS = ['NullPointer', 'QueryController', 'DOCTYPE', '系统维护中']

async function tryFaults(bench: Bench): Promise<string[]> {
  const { lab, ask } = bench
  const found = promisedFaults.flatMap(({ status, code, ...fault }) =>
    bench.doublesOf(fault.kind).map(async ({ service, like }) => {
      lab.setFault({ ...fault, sid: service.sid })
      const response = await ask(like, service)
      const place = `${service.contract.id}（${fault.kind}）`
      const problem = readJson(response)
      const told = [...AGENCY_WORDS, lab.origin].filter((word) => response.body.includes(word))
      return [
        ...(response.statusCode === status && problem['code'] === code
          ? []
          : [`${place}：应为 ${status} ${code}，却是 ${describe(response)}`]),
        ...(problem['agency'] === agencyOf(bench, service.contract.upstream?.system) ? [] : [`${place}：没有说明是哪个系统`]),
        ...(told.length === 0 ? [] : [`${place}：透露了对方系统的内部信息`]),
      ]
    }),
  )
  const reasons = (await Promise.all(found)).flat()
  lab.clearFaults()
  return found.length === 0 ? ['没有可供试验的查询服务'] : reasons
}

export function agencyOf({ connector }: Pick<Bench, 'connector'>, system: string | undefined): string {
  return (system === undefined ? connector.upstream : connector.systems?.[system])?.agency ?? connector.agency
}
