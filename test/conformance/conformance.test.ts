import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { formatReport, outcomeOf, type Report, tierOf } from '../../conformance/report.ts'
import { checkConnector, conformanceChecks } from '../../conformance/run.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../core/connector.ts'
import { codeList, field, input, service } from '../../core/connector.ts'
import { bookingConnector } from '../helper/booking-connector.ts'
import { openLab } from '../helper/lab.ts'
import { minimalConnector } from '../helper/minimal-connector.ts'

const README = '# 演示\n\n## To be confirmed with the agency\n\n1. Everything.\n'

const failedOf = ({ checks }: Report) => checks.filter(({ result }) => result === 'fail').map(({ id }) => id)
const reasonsOf = ({ checks }: Report, id: string) => checks.find((check) => check.id === id)?.reasons.join('\n') ?? ''

/** The minimal connector, complete with rows, and bent. */
function bent(change: (connector: ConnectorDeclaration, contract: ServiceContract) => Partial<ConnectorDeclaration> = () => ({})) {
  const connector = {
    ...minimalConnector(),
    sandbox: { balance: ({ index }: { index: number }) => (index === 7 ? [] : [{ ye: '12.30' }]) },
  }
  const contract = connector.services[0]?.contract as ServiceContract
  return { ...connector, ...change(connector, contract) }
}

const check = (connector: ConnectorDeclaration, readme: string | null = README) => checkConnector({ connector, readme }, openLab)

t.test('the minimal connector with rows and documents is gold', async (t) => {
  const report = await check(bent())
  t.strictSame(failedOf(report), [], formatReport(report))
  t.equal(report.tier, 'gold')
  t.equal(formatReport(report).split('\n').at(-1), 'tier: gold')
})

t.test('an answer that is kept hides no second record', async (t) => {
  const report = await check(
    bent((connector, contract) => ({
      services: [
        ...connector.services,
        service({ ...contract, id: 'notice', audience: 'public', identity: 'none', single: '公告只有一份', cache: { seconds: 60 } }),
      ],
      sandbox: { ...connector.sandbox, notice: () => [{ ye: '1.00' }] },
    })),
  )
  t.strictSame(failedOf(report), [], formatReport(report))
})

t.test('a connector whose system closes is tried while it is closed', async (t) => {
  const calendar = {
    maintenance: [
      { title: '日终处理', from: '23:00', to: '01:00' },
      { title: '早已升级', from: '2020-01-01T00:00', to: '2020-01-02T00:00' },
    ],
  }
  const closing = bent(({ upstream }) => ({ upstream: { ...upstream, calendar } }))
  const report = await check(closing)
  t.equal(report.checks.find(({ id }) => id === 'calendar')?.result, 'pass', formatReport(report))
  // Kept for everybody, so that the agency's closing is not noticed.
  const deaf = bent(({ upstream, services }, contract) => ({
    upstream: { ...upstream, calendar },
    services: [...services, service({ ...contract, id: 'notice', audience: 'public', identity: 'none', cache: { seconds: 60 } })],
    sandbox: { balance: () => [{ ye: '12.30' }], notice: () => [{ ye: '1.00' }] },
  }))
  t.equal((await check(deaf)).checks.find(({ id }) => id === 'calendar')?.result, 'pass')
})

t.test('a mistake in the declaration stops everything that needs a hub', async (t) => {
  const dialect = { ...minimalConnector().upstream.dialect, credentials: { appKey: { title: '密钥', secret: false } } }
  const report = await check(bent((connector) => ({ name: '', upstream: { ...connector.upstream, dialect } })))
  t.strictSame(failedOf(report), ['declaration', 'secrets', 'start'])
  t.equal(report.tier, 'none')
  t.match(reasonsOf(report, 'secrets'), 'demo.credentials.appKey')
})

t.test('an id number that no mask shortens, a key that does not fit, missing documents and a source that is not given', async (t) => {
  const report = await check(
    bent((_connector, contract) => ({
      services: [
        service({ ...contract, fields: { ...contract.fields, owner: field.text('编号', { code: 'bh' }) } }),
        service({ ...contract, id: 'moved', rate: { max: 1000, perSeconds: 1 } }),
      ],
      sandbox: { balance: ({ number }) => [{ ye: '1.00', bh: number }], moved: () => [{ yue: '1.00' }] },
    })),
    null,
  )
  t.strictSame(failedOf(report), ['answers', 'masks', 'rates', 'docs'])
  t.equal(report.tier, 'none')
  t.match(reasonsOf(report, 'answers'), /moved.*502 HUB_UPSTREAM_INVALID amount/)
  t.match(reasonsOf(report, 'masks'), 'balance')
  t.match(formatReport(report), /\ntier: none$/)
})

t.test('rows of the sandbox that are not what the declaration says', async (t) => {
  const fields = {
    amount: field.money('余额', { code: 'ye', required: true }),
    daysLate: field.date('超期天数', { code: 'cqts' }),
    state: field.code('状态', codeList('样例', { 1: '在借', 2: '超期' }), { code: 'zt' }),
    items: field.list('明细', {
      at: field.integer('次序', { code: 'cx' }),
      kind: field.code('类型', codeList('样例', { 1: '书' }), { code: 'lx' }),
    }),
  }
  const tried = (rows: readonly Record<string, unknown>[], more: object = {}) =>
    check(
      bent((_connector, contract) => ({
        services: [service({ ...contract, kind: 'list', fields: { ...fields, ...more } })],
        sandbox: { balance: () => rows },
      })),
      `${README}\n\`items\``,
    )
  const sound = { ye: '1.00', cqts: '2026-01-01', zt: '1', items: [{ cx: '1', lx: '1' }] }
  const whole = await tried([sound, { ...sound, cqts: 'soon' }])
  t.strictSame(failedOf(whole), [], 'one that cannot be read, of two, is what an agency sends')

  const wrong = await tried([
    { ...sound, cqts: '2', zt: '9', items: [{ cx: '早', lx: '7' }] },
    { ...sound, cqts: '3', items: [] },
  ])
  t.strictSame(failedOf(wrong), ['readable'])
  t.equal(wrong.tier, 'none')
  t.strictSame(reasonsOf(wrong, 'readable').split('\n'), [
    'balance.daysLate：沙箱里的值没有一个能读成 date',
    'balance.items.at：沙箱里的值没有一个能读成 integer',
    'balance.state：沙箱里有代码表中没有的代码',
    'balance.items.kind：沙箱里有代码表中没有的代码',
  ])
  const demanded = await tried([{ ...sound, sl: '许昌' }], { number: field.integer('数量', { code: 'sl', required: true }) })
  t.match(reasonsOf(demanded, 'readable'), 'balance.number：沙箱里的值没有一个能读成 integer')
})

t.test('days that no form tells, a booking’s state that its list has not', async (t) => {
  const dated = await check(bent(({ upstream }) => ({ upstream: { ...upstream, dateFormat: 'yyyymmdd' } })))
  t.strictSame(failedOf(dated), ['declaration', 'start'])
  t.match(reasonsOf(dated, 'declaration'), 'demo.upstream.dateFormat: the pattern yyyymmdd lacks month')
  const hall = bookingConnector()
  const services = hall.services.map(({ contract, handler }) => {
    const { booking } = contract
    return booking && 'states' in booking
      ? { contract: { ...contract, booking: { ...booking, states: { ...booking.states, confirmed: ['7'] } } }, handler }
      : { contract, handler }
  })
  const booked = await check({ ...hall, services })
  t.strictSame(failedOf(booked).slice(0, 2), ['declaration', 'start'])
  t.match(reasonsOf(booked, 'declaration'), /booking\.states\.confirmed: stand has no code 7/)
})

t.test('a handler that writes what it should not, rows made up, a field of unknown origin', async (t) => {
  const report = await check(
    bent((_connector, contract) => ({
      services: [
        service({ ...contract, fields: { ...contract.fields, note: field.text('说明') } }).via({
          request(_input, params) {
            process.stderr.write(`# asking for ${params['zjhm']}\n`)
            return params
          },
        }),
      ],
      sandbox: {},
    })),
    '# 演示\n\n## To be confirmed\n',
  )
  t.strictSame(failedOf(report), ['logs', 'docs', 'field-codes', 'sandbox-rows', 'handlers'])
  t.equal(report.tier, 'bronze')
  t.notMatch(formatReport(report), /41100219900101000X/, 'the report shows no value itself')
})

t.test('a document that says in one field what it masks in another', async (t) => {
  const owner = field.text('编号', { code: 'bh', mask: 'idNumber' })
  const note = field.text('说明', { code: 'sm' })
  const report = await check(
    bent((_connector, contract) => ({
      services: [service({ ...contract, kind: 'document', fields: { ...contract.fields, owner, note } })],
      sandbox: { balance: ({ number }) => [{ ye: '1.00', bh: number, sm: `编号${number}` }] },
    })),
  )
  t.strictSame(failedOf(report), ['masks', 'documents'], formatReport(report))
  t.match(reasonsOf(report, 'documents'), /balance\.owner：证明上原样给出\nbalance：证明上含有证件号码/)
  t.notMatch(formatReport(report), /41100219900101000X/)
})

t.test('the tier is the highest below the first failure', async (t) => {
  const outcomes = (...findings: string[][]) =>
    (['bronze', 'silver', 'gold'] as const).map((tier, index) => outcomeOf({ id: tier, title: tier, tier }, findings[index] ?? []))
  t.equal(tierOf(outcomes()), 'gold')
  t.equal(tierOf(outcomes([], [], ['x'])), 'silver')
  t.equal(tierOf(outcomes([], ['x'])), 'bronze')
  t.equal(tierOf(outcomes(['x'], [], ['x'])), 'none')
})

t.test('every demand is tried or explained, and what is not met is in the report', async (t) => {
  const demands = [
    '对接共享交换平台',
    '实名认证',
    '查询日志与审计',
    '结果导出',
    '在线打印',
    '订阅账单',
    '按时间范围筛选',
    '按年汇总',
    '数据切片',
    '关键时点提示',
    '凭证下载',
    '异议申诉',
    '管理端对比',
    '财务规划',
    '风险预判',
    '为人员增减提供信息',
    '借款合同关联验证',
    '一站式办理',
    '一窗受理',
    '并联审批',
    '查询家庭成员',
    '任一方式查询',
    '隔空办理',
    '按月邮寄',
  ]
  const explained = [
    { demand: '按月邮寄', met: 'not', why: '没有这样的接口。' },
    { demand: '无人要求', met: 'elsewhere', why: ' ' },
  ] as const
  const report = await checkConnector({ connector: bent(), readme: README, promise: [{ id: 'balance', demands }], explained }, openLab)
  t.strictSame(failedOf(report), ['demands'])
  t.equal(report.tier, 'silver')
  const reasons = report.checks.find(({ id }) => id === 'demands')?.reasons ?? []
  t.strictSame(
    reasons.map((reason) => reason.replace(/：\d.*/, '')).sort(),
    [
      'balance：“在线打印”：没有 PDF',
      'balance：“按时间范围筛选”：没有可以缩小范围的条件',
      'balance：“按时间范围筛选”：没有可选的时间范围',
      'balance：“订阅账单”：不能订阅',
      'balance：“按年汇总”：没有汇总',
      'balance：“数据切片”：不能分类统计',
      'balance：“关键时点提示”：没有标记关键时点',
      'balance：“凭证下载”：没有可以下载的凭证',
      'balance：“异议申诉”：不能提出异议',
      'balance：“管理端对比”：没有管理端的对比',
      'balance：“财务规划”：没有试算',
      'balance：“风险预判”：没有风险指标',
      'balance：“为人员增减提供信息”：没有人员名单',
      'balance：“借款合同关联验证”：不能指定合同',
      'balance：“一站式办理”：不能在线办理',
      'balance：“一窗受理”：没有合为一件的办件',
      'balance：“并联审批”：没有合为一件的办件',
      'balance：“查询家庭成员”：不能查家庭成员的',
      'balance：“任一方式查询”：只有一种查询方式',
      'balance：“隔空办理”没有检查，也没有说明',
      '“无人要求”的说明是空的',
      '说明了“无人要求”，合同却没有这项要求',
    ].sort(),
  )
  t.strictSame(report.unmet, ['balance：“按月邮寄”未满足：没有这样的接口。'])
  t.match(formatReport(report), '合同要求中有 1 项尚未完全满足')
})

t.test('a way of asking that finds nothing; a permit’s number, which is no id number', async (t) => {
  const register = (row: object) =>
    bent((_connector, contract) => ({
      services: [
        service({
          id: 'register',
          name: '名录',
          kind: 'query',
          single: '名录一人一条',
          timeoutMs: contract.timeoutMs,
          rate: contract.rate,
          audience: 'public',
          identity: 'login',
          anyOf: ['number', 'firm'],
          inputs: {
            number: input.text('编号', { code: 'bh', field: 'number' }),
            firm: input.text('企业名称', { code: 'mc', field: 'firm' }),
          },
          fields: {
            ...contract.fields,
            number: field.text('编号', { code: 'bh', required: true }),
            firm: field.text('企业名称', { code: 'mc' }),
          },
        }),
      ],
      health: { service: 'register', intervalSeconds: 60, inputs: { number: 'none' } },
      sandbox: { register: () => [{ ye: '1.00', bh: '411002202605110201', ...row }] },
    }))
  const promise = [{ id: 'register', demands: ['任一方式查询'] }]
  const report = (row: object) => checkConnector({ connector: register(row), readme: README, promise }, openLab)
  const whole = await report({ mc: '演示公司' })
  t.strictSame(failedOf(whole), [], formatReport(whole))
  const [reason] = (await report({})).checks.find(({ id }) => id === 'demands')?.reasons ?? []
  t.match(reason, 'register：“任一方式查询”：按 firm 查不到同一条记录')
})

t.test('every check is described, and none that is not there', async (t) => {
  const text = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8')
  const described = [...text.matchAll(/^\| `([a-z-]+)` \| (bronze|silver|gold) \|/gm)].map(([, id, tier]) => `${id} ${tier}`)
  t.strictSame(described.sort(), conformanceChecks.map(({ id, tier }) => `${id} ${tier}`).sort())
})

t.test('the command', async (t) => {
  const run = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const options = { cwd: new URL('../..', import.meta.url), timeout: 90_000 }
      execFile(process.execPath, ['cli/hub.ts', 'connector', ...args], options, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
      )
    })
  const [text, unknown, help] = await Promise.all([run('check', 'social-security'), run('check', 'nowhere'), run('--help')])
  t.equal(text.code, 0, text.stderr)
  t.match(text.stdout, /^✓ 铜 /m)
  t.match(text.stdout.trimEnd().split('\n').at(-1), /^tier: (silver|gold)$/)
  t.equal(unknown.code, 2)
  t.match(unknown.stderr, '没有这个连接器')
  t.equal(help.code, 0)
  t.match(help.stdout, 'connector check <id>')
})
