import { Ajv, type ValidateFunction } from 'ajv'
import Type, { type Static } from 'typebox'

/** Every way in which the sandbox's platform can be told to misbehave (standards.md §10.1). */
export const faultKinds = {
  // the network and the machine
  slow: '答复前等待 ms 毫秒',
  timeout: '不答复',
  reset: '断开连接',
  'http-500': 'HTTP 500，正文为堆栈',
  'http-503': 'HTTP 503',
  html: 'HTTP 200，正文为网页',
  truncated: 'JSON 只发一半',
  gbk: 'GBK 正文，声明 charset=GBK',
  'gbk-undeclared': 'GBK 正文，却声明 utf-8',
  'gbk-unnamed': 'GBK 正文，不声明字符集',
  packed: '正文按 encoding 压缩（默认 gzip）',
  'packed-falsely': '声明 gzip，正文却没有压缩',
  'packed-bomb': '压缩的正文展开后大得不合理',
  login: 'HTTP 302，转到登录页',
  // the gateway
  'bad-sign': '称签名不正确',
  'clock-skew': '平台时钟快 ms 毫秒（默认 10 分钟）',
  'secret-expired': '密钥提前到期',
  'secret-rotated': '密钥已被更换',
  // the answer as a whole
  'error-code': '业务错误码',
  'error-text': 'HTTP 200，正文为“没有数据或者时间格式错误”',
  empty: '没有记录',
  'empty-as-error': '以错误码表示没有记录',
  many: '单条查询答复多条，各有各的编号',
  envelope: '按 envelope 换用另一种外层结构',
  'json-in-string': '数据为 JSON 字符串',
  'root-array': '数组为根，没有外层',
  'xml-in-json': '数据为 XML 字符串',
  // keys and values
  'wrong-types': '值的类型不对',
  values: '按 values 换用别的值',
  'wrong-person': '答复他人的记录',
  'upper-case': '键为大写',
  'lower-case': '键为小写',
  'camel-case': '键为驼峰英文名',
  'string-numbers': '数值写成字符串',
  'dates-dashed': '日期写成 YYYY-MM-DD，年月写成 YYYY-MM',
  'dates-epoch': '日期写成毫秒时间戳',
  'display-names': '代码写成名称',
  'amounts-10k': '金额以万元计',
  // answers that come later
  'never-ready': '受理查询，却一直没有结果',
  'refuse-later': '受理查询，随后答复不予提供',
  // filings
  'accepted-then-reset': '受理后断开连接，不答复',
  'refuse-submission': '不予受理',
  'reject-submission': '受理，但审核不通过',
  'hold-submission': '受理，停在审核中',
  'ask-supplement': '受理，审核中要求补正',
  'ask-suspension': '受理，审核中转入特别程序',
} as const

export type FaultKind = keyof typeof faultKinds

const faultSchema = Type.Object(
  {
    kind: Type.Unsafe<FaultKind>({ type: 'string', enum: Object.keys(faultKinds) }),
    /** One service only; without it all of them. */
    sid: Type.Optional(Type.String()),
    /** What misbehaves: calls (default) or the secret refresh. */
    on: Type.Optional(Type.Unsafe<'call' | 'refresh'>({ type: 'string', enum: ['call', 'refresh'] })),
    /** Number of requests that suffer; without it all until cleared. */
    times: Type.Optional(Type.Integer({ minimum: 1 })),
    ms: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400_000 })),
    /** For kind `packed`. */
    encoding: Type.Optional(Type.Unsafe<'gzip' | 'deflate' | 'br'>({ type: 'string', enum: ['gzip', 'deflate', 'br'] })),
    /** For kind `values`: upstream key (`list[0].key` in a list) → the value as JSON, with the very digits of a number. */
    values: Type.Optional(Type.Record(Type.String(), Type.String())),
    /** For kind `envelope`: what to use instead of the declaration's own keys and success code. */
    envelope: Type.Optional(
      Type.Object(
        {
          codeKey: Type.Optional(Type.String()),
          code: Type.Optional(Type.Unsafe<string | number>({ type: ['string', 'number'] })),
          messageKey: Type.Optional(Type.String()),
          /** Dotted path to the rows. */
          data: Type.Optional(Type.String()),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)

export type Fault = Static<typeof faultSchema>

let checkFault: ValidateFunction<Fault> | null = null

/** → what is wrong with it; null for a fault. */
function troubleOf(value: unknown): string | null {
  checkFault ??= new Ajv({ allowUnionTypes: true }).compile<Fault>(faultSchema)
  if (checkFault(value)) return null
  return (checkFault.errors ?? []).map((error) => `${error.instancePath} ${error.message}`).join('; ')
}

/** What goes wrong with one request. */
export type Active = ReadonlyMap<FaultKind, Fault>

export interface Faults {
  /** Throws a RangeError on a fault that it does not know. */
  set(fault: Fault): void
  clear(): void
  list(): readonly Fault[]
  /**
   * Faults that this request suffers; counts them down. Those of filings wait for the filing that they were set for: whoever only
   * `asks` leaves them alone, and they are counted once the business system has it ({@link spend}), past every gateway.
   */
  take(on: 'call' | 'refresh', sid: string, asks?: boolean): Active
}

/** What the business system does with a filing. */
const OF_FILINGS: ReadonlySet<FaultKind> = new Set([
  'refuse-submission',
  'reject-submission',
  'hold-submission',
  'ask-supplement',
  'ask-suspension',
])

const NONE: Active = new Map()

function count(fault: Fault): void {
  if (fault.times !== undefined) fault.times--
}

const isLeft = ({ times }: Fault) => times === undefined || times > 0

/** The business system has the request that suffers these. */
export function spend(active: Active): void {
  for (const [kind, fault] of active) if (OF_FILINGS.has(kind)) count(fault)
}

export function createFaults(): Faults {
  let faults: Fault[] = []
  return {
    set(fault) {
      const trouble = troubleOf(fault)
      if (trouble !== null) throw new RangeError(trouble)
      faults.push({ ...fault })
    },
    clear() {
      faults = []
    },
    list: () => faults.filter(isLeft),
    take(on, sid, asks = false) {
      if (faults.length === 0) return NONE
      const active = new Map<FaultKind, Fault>()
      for (const fault of faults) {
        if (!isLeft(fault) || (fault.on ?? 'call') !== on || (fault.sid ?? sid) !== sid || active.has(fault.kind)) continue
        if (asks && (OF_FILINGS.has(fault.kind) || fault.kind === 'accepted-then-reset')) continue
        active.set(fault.kind, fault)
        if (!OF_FILINGS.has(fault.kind)) count(fault)
      }
      faults = faults.filter(isLeft)
      return active
    },
  }
}
