/**
 * The one table of errors. `code` is stable and never reused; `type` is the RFC 9457 problem type,
 * which the hub itself serves; `title` and `detail` are read by citizens, so they are in Chinese and
 * say what to do. Nothing here or in `detail` may hold an upstream's body, address or key.
 */
export const errorTable = {
  HUB_VALIDATION: [400, '填写的内容有误', '请按提示修改后再提交。'],
  HUB_IDEMPOTENCY_KEY_MISSING: [400, '缺少幂等键', '办理类请求须带 Idempotency-Key 请求头（8 至 128 个字符）。'],
  HUB_ACCOUNT_STATE_INVALID: [400, '授权链接已失效', '这次授权已经使用过、已超时或不是由您发起的，请回到“我的许昌”重新发起。'],
  HUB_RETURN_INVALID: [400, '返回地址不对', '登录之后只能回到本平台的页面，请从应用里重新进入。'],
  HUB_SIGN_ON_STATE: [400, '登录请求已失效', '这次登录已经完成、已超时或不是在这个浏览器里发起的，请重新登录。'],
  HUB_REQUEST_UNREADABLE: [
    400,
    '请求的格式不对',
    '这个请求无法识别。网址里的中文、空格和其他特殊字符须先做百分号编码（UTF-8，例如 encodeURIComponent），请修改后再试。',
  ],
  HUB_TOKEN_MISSING: [401, '请先登录', '请登录“我的许昌”后再试。'],
  HUB_TOKEN_INVALID: [401, '登录已失效', '登录凭证无效或已过期，请重新登录。'],
  HUB_NOTICE_INVALID: [401, '通知不可信', '通知的签名、时间或内容不对，没有采信。'],
  HUB_TICKET_INVALID: [401, '登录票据无效', '登录票据无效、已过期、已使用或不是给本平台的，请重新登录。'],
  HUB_USER_UNKNOWN: [401, '账户不存在', '没有找到与登录凭证对应的账户，请重新登录或注册。'],
  HUB_USER_DISABLED: [403, '账户已停用', '您的账户已停用，请联系客服。'],
  HUB_USER_LOCKED: [403, '账户已锁定', '您的账户已锁定，请稍后再试，或联系客服解锁。'],
  HUB_REAL_NAME_REQUIRED: [403, '需要实名认证', '请先完成实名认证，再使用这项服务。'],
  HUB_FACE_REQUIRED: [403, '需要人脸核验', '请完成人脸核验后再试。'],
  HUB_FACE_USED: [403, '需要重新人脸核验', '这次人脸核验已经用于另一项办理，请重新核验。'],
  HUB_FACE_INVALID: [403, '人脸核验无效', '没有找到您的这次人脸核验，或者它没有通过、不能用于这项服务，请重新核验。'],
  HUB_CODE_WRONG: [403, '验证码不对', '验证码不对、已过期或已经用过，请重新获取。'],
  HUB_SIGN_ON_DENIED: [403, '没有完成登录', '您取消了登录，可以随时重新登录。'],
  HUB_MANDATE_REQUIRED: [403, '没有授权', '只有单位授权的经办人才能使用这项服务，请先由法人授权。'],
  HUB_LEGAL_REPRESENTATIVE_REQUIRED: [403, '须由法定代表人办理', '请先在“绑定企业”中绑定该企业，或请已绑定的法定代表人办理。'],
  HUB_ENTERPRISE_FROZEN: [403, '企业已冻结', '该企业的服务权限已被冻结，请联系客服。'],
  HUB_SERVICE_NOT_OPEN: [403, '服务未开放', '这项服务目前没有向您开放，请在“我的服务”中查看可用的服务。'],
  HUB_ROLE_REQUIRED: [403, '没有管理权限', '您的管理角色不能进行这项操作，请联系系统管理员。'],
  HUB_ADMIN_ADDRESS: [403, '这里不能使用管理功能', '管理功能只能从登记过的网络地址使用，请换到管理网络，或请运维人员登记这个地址。'],
  HUB_ADMIN_AUDIENCE: [403, '登录凭证不能用于管理', '这个登录凭证不是为管理功能签发的，请从管理端重新登录。'],
  HUB_SECOND_FACTOR_REQUIRED: [403, '需要动态验证码', '请先以身份验证器的动态验证码验证本次登录；还没有登记的，请先凭登记码登记。'],
  HUB_SECOND_FACTOR_WRONG: [403, '动态验证码不对', '验证码不对、已过期或已经用过，请等身份验证器显示下一个验证码后再试。'],
  HUB_SECOND_FACTOR_LOCKED: [403, '动态验证码已锁定', '验证码连续输错五次，请 15 分钟后再试；丢失手机的，请另一位管理员重新任命您。'],
  HUB_ENROLMENT_CODE: [403, '登记码不对', '登记身份验证器须有任命时另行交给您的登记码；没有、过期或不对的，请另一位系统管理员重新发放。'],
  HUB_SECOND_PERSON: [403, '须由另一位管理员处理', '这项申请须由另一位管理员处理：不能是提出申请的人，也不能是它所涉及的人。'],
  HUB_ACCOUNT_UNBOUND: [403, '尚未绑定账户', '请先绑定您在对方系统的账户，再使用这项服务。'],
  HUB_ACCOUNT_REAUTHORISE: [403, '需要重新授权', '对方系统的授权已经失效，请重新授权后再试。'],
  HUB_ACCOUNT_SUSPENDED: [403, '账户绑定已暂停', '您与对方系统账户的绑定已暂停，请联系客服。'],
  HUB_ACCOUNT_DENIED: [403, '没有完成授权', '您没有同意授权，账户没有绑定。'],
  HUB_ACCOUNT_UNVERIFIED: [403, '账户核验没有通过', '没有找到这个账户，或者它不属于您，请核对后再试。'],
  HUB_SCOPE_INSUFFICIENT: [403, '授权范围不足', '这个应用没有得到使用这项服务的授权，请重新授权。'],
  HUB_SERVICE_UNKNOWN: [404, '没有这项服务', '请求的地址不存在，请核对服务目录。'],
  HUB_NO_RECORD: [404, '没有查到记录', '没有查到符合条件的记录。'],
  HUB_FILE_LINK_INVALID: [404, '文件链接已失效', '这个文件链接已过期、不完整或不是给您的，请重新查询后再打开文件。'],
  HUB_METHOD_NOT_ALLOWED: [405, '请求方式不对', '请按接口文档使用正确的请求方式。'],
  HUB_NOT_ACCEPTABLE: [406, '不支持这种格式', '这项服务不提供所要求的格式。'],
  HUB_REQUEST_TIMEOUT: [408, '请求没有发完', '请求没有在规定的时间内发完，请检查网络后再试。'],
  HUB_ENTERPRISE_BOUND: [409, '企业已由他人绑定', '该企业已由另一位法定代表人绑定，请对方先解除绑定，或携带营业执照联系客服。'],
  HUB_ENTERPRISE_UNFIT: [409, '企业不能绑定', '这家企业的登记状态不允许绑定，请联系登记机关。'],
  HUB_MANDATE_EXISTS: [409, '授权已经存在', '这个人已经有这项授权，请直接修改原来的授权。'],
  HUB_CLIENT_EXISTS: [409, '应用编号已存在', '这个应用编号已经登记，请换一个编号，或者修改原来的登记。'],
  HUB_IDENTITY_TAKEN: [409, '身份已被使用', '这个身份证号已在另一个账户完成实名认证，请登录那个账户，或联系客服合并。'],
  HUB_IDENTITY_VERIFIED: [409, '已有实名身份', '这个账户已以另一个身份完成实名认证，不能改成别的身份；同一人的两个账户请合并。'],
  HUB_IDENTITY_DIFFERS: [409, '两个账户身份不同', '这两个账户以不同的身份完成了实名认证，通常是两个人；确是同一人的，请写明理由。'],
  HUB_REQUEST_STATE: [409, '这项申请不能这样处理', '这项申请已经处理、过期或撤回，请查看它现在的状态。'],
  HUB_ACCOUNT_CONFLICT: [409, '账户已被绑定', '这个账户已经绑定，请按提示处理。'],
  HUB_ACCOUNT_UNDO: [409, '不能撤销', '这次合并或拆分已过撤销期限、已经撤销，或者之后又有变动，不能撤销。'],
  HUB_ACCOUNT_BUSY: [409, '还有未办结的事项', '您还有正在办理的事项，请待其办结后再注销。'],
  HUB_SECOND_FACTOR_STATE: [409, '身份验证器不能这样处理', '请先登记身份验证器，再以它显示的验证码确认。'],
  HUB_ORDER_BILL: [409, '账单不能支付', '这张账单没有欠费、已经缴清或者金额有变，请重新查询账单。'],
  HUB_ORDER_OPEN: [409, '账单已有订单', '这张账单已有一个没有办结的订单，请在“我的订单”里继续支付或者关闭它。'],
  HUB_ACCOUNT_HELD: [409, '现在不能解绑', '这个账户还有没有办结的事项，办结之后才能解绑。'],
  HUB_ORDER_STATE: [409, '订单不能这样处理', '订单现在的状态不允许这样处理，请查看订单。'],
  HUB_BOOKING_FULL: [409, '名额已满', '这个时段的名额已经约满，请换一个时段。'],
  HUB_BOOKING_SLOT: [409, '这个时段不能预约', '没有这个时段，或者它已经过去、还没有开放，请重新选择。'],
  HUB_BOOKING_RULE: [409, '不符合预约规定', '不符合预约规定，请查看说明后再试。'],
  HUB_BOOKING_VISITOR: [409, '已经约过这个时段', '其中有人在这个时段已有预约，不能重复预约。'],
  HUB_BOOKING_STATE: [409, '预约现在不能这样处理', '预约现在的状态不允许这样处理，请查看预约。'],
  HUB_RECONCILIATION_STATE: [409, '对账不能这样处理', '对账现在的状态不允许这样处理，请查看对账。'],
  HUB_PAYMENT_CHANNEL: [409, '不能这样支付', '这里不能用这种方式支付，请换一种。'],
  HUB_FILING_UNFIT: [409, '不符合办理条件', '经对方系统核验，您目前不符合办理条件。'],
  HUB_FILING_STATE: [409, '现在不能这样办理', '这项申请的状态不允许这样办理，请查看办理进度。'],
  HUB_FILE_STATE: [409, '文件现在不能这样处理', '这个文件还没有传完、没有检查完或正用于办理，请查看它的状态。'],
  HUB_SEVERAL_RECORDS: [409, '查到多条记录', '请指定其中一条后再查。'],
  HUB_CHANGED_MEANWHILE: [409, '内容已被改动', '在您读取之后有人改动了它，请重新读取后再改。'],
  HUB_CANDIDATE_UNPROVEN: [409, '候选版本还不能这样使用', '候选版本还没有经过足够的比对，或者与现行版本不一致，请查看比对结果。'],
  HUB_SERVICE_WITHDRAWN: [410, '服务已停止', '这项服务已经停止，请改用接替它的服务。'],
  HUB_BODY_TOO_LARGE: [413, '提交的内容过大', '请减少内容后再提交。'],
  HUB_MEDIA_TYPE: [415, '不支持的内容类型', '请以 application/json 提交。'],
  HUB_IDEMPOTENCY_CONFLICT: [422, '重复的幂等键', '同一个幂等键已用于内容不同的申请，请换一个新的幂等键。'],
  HUB_TOO_MANY_ROWS: [422, '记录过多', '符合条件的记录过多，请缩小时间范围后再查。'],
  HUB_FILE_REFUSED: [422, '文件未被接受', '文件不是可以上传的类型，或者没有通过安全检查，请换一个文件。'],
  HUB_FILE_QUOTA: [422, '存储空间不足', '您上传的文件已达上限，请删除不用的文件后再上传。'],
  HUB_RATE_LIMITED: [429, '操作过于频繁', '请稍候再试。'],
  HUB_HEADERS_TOO_LARGE: [431, '请求头或网址过长', '请求头和网址合计不能超过 16 KB，请缩短查询条件，或清除浏览器中本站的 Cookie 后再试。'],
  HUB_INTERNAL: [500, '系统出了问题', '我们已记录这个问题，请稍后再试。'],
  HUB_UPSTREAM_UNREACHABLE: [502, '对方系统连接失败', '暂时连接不上对方系统，请稍后再试。'],
  HUB_UPSTREAM_INVALID: [502, '对方系统返回异常', '对方系统返回的内容无法识别，请稍后再试。'],
  HUB_UPSTREAM_REFUSED: [502, '对方系统未受理', '对方系统没有受理这次请求，请稍后再试。'],
  HUB_UPSTREAM_CREDENTIAL: [502, '对方系统认证失败', '平台与对方系统之间的认证没有通过，请稍后再试。'],
  HUB_UPSTREAM_WRONG_SUBJECT: [502, '对方系统返回异常', '对方系统返回了他人的记录，已拦截，请稍后再试。'],
  HUB_UPSTREAM_UNAVAILABLE: [503, '对方系统暂停服务', '对方系统暂时不可用，请稍后再试。'],
  HUB_AGENCY_CLOSED: [503, '对方系统计划内暂停', '对方系统按计划暂停服务，请在恢复之后再试。'],
  HUB_UPSTREAM_BUSY: [503, '对方系统繁忙', '使用的人较多，请稍后再试。'],
  HUB_OVERLOADED: [503, '平台繁忙', '使用的人较多，请稍后再试。'],
  HUB_AUDIT_UNAVAILABLE: [503, '暂时无法办理', '系统暂时无法留存办理记录，为保障安全已停止受理，请稍后再试。'],
  HUB_STORE_UNAVAILABLE: [503, '暂时无法办理', '系统存储暂时不可用，请稍后再试。'],
  HUB_DOCUMENT_BUSY: [503, '出具证明的人较多', '正在排队出具证明的人较多，请稍后再试。'],
  HUB_SEAL_EXPIRED: [503, '暂时不能出具证明', '电子签章的证书不在有效期内，证明暂停出具，已通知平台管理员，请稍后再试。'],
  HUB_EXPORT_BUSY: [503, '导出的人较多', '正在排队导出文件的人较多，请稍后再试。'],
  HUB_UPSTREAM_TIMEOUT: [504, '对方系统响应超时', '对方系统没有及时答复，请稍后再试。'],
} as const satisfies Record<string, readonly [status: number, title: string, detail: string]>

export type ErrorCode = keyof typeof errorTable

/** What a problem document may carry besides its code. Everything in here reaches the caller. */
export interface ProblemExtras {
  /** Replaces the table's `detail`; a full Chinese sentence. */
  detail?: string
  /** Chinese name of the agency whose system is in trouble. */
  agency?: string
  /** RFC 6901 pointers into the request (`/query/page`) and what is wrong there. */
  errors?: { pointer: string; detail: string }[]
  /** What the app must do before it asks again. */
  stepUp?:
    | { method: 'face'; maxAgeSeconds: number; once: boolean }
    | { method: 'real-name' | 'mandate' | 'enterprise-binding' | 'second-factor' }
    | { method: 'account'; connector: string; url: string }
  /** Name of the field the upstream got wrong. */
  field?: string
  /** Records to choose from: the values of the service's declared key. */
  choices?: { parameter: string; values: string[] /** The same with words for people. */; options?: { value: string; label: string }[] }
  /** Ways out of a conflict: what to do and where (`url`: an operation of the hub). */
  ways?: { action: 'unbind' | 'contact' | 'use-other'; detail: string; url?: string }[]
  /** When an agency that is closed by plan is back, RFC 3339 in Beijing's time. */
  until?: string
  /** Seconds after which asking again makes sense; also sent as `Retry-After`. */
  retryAfter?: number
}

export class HubError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly extras: ProblemExtras

  constructor(code: ErrorCode, extras: ProblemExtras = {}, cause?: unknown) {
    super(errorTable[code][1], cause === undefined ? undefined : { cause })
    this.name = 'HubError'
    this.code = code
    this.status = errorTable[code][0]
    this.extras = extras
  }
}

export interface Problem extends ProblemExtras {
  type: string
  title: string
  status: number
  detail: string
  code: ErrorCode
  traceId: string
}

/** RFC 9457 §3: the document a caller reads. */
export function toProblem(error: HubError, traceId: string): Problem {
  const [status, title, detail] = errorTable[error.code]
  return { type: `/problems/${error.code}`, title, status, detail, code: error.code, traceId, ...error.extras }
}
