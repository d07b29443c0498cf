import t from 'tap'
import { formatReport, type Report } from '../../conformance/report.ts'
import { checkConnector } from '../../conformance/run.ts'
import { type ConnectorDeclaration, codeList, exchange, exchangeEnvelope, field, input, oauth2User, service } from '../../core/connector.ts'
import { openLab } from '../helper/lab.ts'

const README = '# 演示\n\n## To be confirmed with the agency\n\n1. Everything.\n'
const check = (connector: ConnectorDeclaration) => checkConnector({ connector, readme: README }, openLab)
const failed = ({ checks }: Report) => checks.filter(({ result }) => result === 'fail').map(({ id }) => id)
const skipped = ({ checks }: Report) => checks.filter(({ result }) => result === 'skip').map(({ id }) => id)

const rate = { max: 60, perSeconds: 60 }
const common = { section: '0', audience: 'person', identity: 'real-name', timeoutMs: 3000, rate } as const
const number = field.text('户号', { code: 'hh', mask: 'account', required: true })

/** Households with a number each: persons 1 and 2 live together, 3 and 4 alone. */
const homes: Readonly<Record<number, string>> = { 1: '10000001', 2: '10000001', 3: '10000003', 4: '10000004' }

const waterworks: ConnectorDeclaration = {
  id: 'waterworks',
  name: '水务',
  agency: '许昌水务公司',
  version: '1.0.0',
  section: '0',
  upstream: {
    dialect: exchange(),
    envelope: exchangeEnvelope,
    subject: { person: { xm: 'person.name', zjh: 'person.idNumber' } },
    dateFormat: 'YYYYMMDD',
    maxConcurrent: 8,
  },
  accounts: {
    cardinality: 'many-to-many',
    bind: ['account-number', 'id-match'],
    contact: '请拨打水务公司客服电话核实',
    accountNumber: { service: 'household', input: 'number', externalId: 'number', title: '户号', pattern: '^\\d{8}$' },
    idMatch: { service: 'own-household', externalId: 'number' },
  },
  services: [
    service({
      ...common,
      id: 'household',
      name: '户号核验',
      kind: 'query',
      key: 'number',
      inputs: { number: input.text('户号', { code: 'hh', field: 'number' }) },
      fields: { number, holder: field.text('户主', { code: 'hz', mask: 'name' }) },
    }),
    service({
      ...common,
      id: 'own-household',
      name: '名下户号',
      kind: 'query',
      single: '每人名下只有一个户号',
      inputs: {},
      fields: { number, holder: field.text('户主', { code: 'hz', mask: 'name' }) },
    }),
    service({
      ...common,
      id: 'bills',
      name: '水费账单',
      kind: 'list',
      inputs: { number: input.verified('户号', 'account.externalId', { code: 'hh' }) },
      fields: {
        number,
        month: field.month('月份', { code: 'yf', required: true }),
        amount: field.money('水费', { code: 'sf' }),
        state: field.code('缴费状态', codeList('水务 缴费状态', { '0': '未缴', '1': '已缴' }), { code: 'zt' }),
      },
    }),
  ],
  health: { service: 'household', intervalSeconds: 60 },
  sandbox: {
    household: ({ index, name }) => (homes[index] ? [{ hh: homes[index], hz: name }] : []),
    'own-household': ({ index, name }) => (homes[index] ? [{ hh: homes[index], hz: name }] : []),
    bills: ({ index }) => ['202605', '202606'].map((yf) => ({ hh: homes[index] ?? '', yf, sf: '38.50', zt: '1' })),
  },
}

const museum: ConnectorDeclaration = {
  id: 'museum',
  name: '科技馆',
  agency: '许昌市科技馆',
  version: '1.0.0',
  section: '0',
  upstream: { dialect: oauth2User(), envelope: exchangeEnvelope, subject: {}, dateFormat: 'YYYYMMDD', maxConcurrent: 8 },
  accounts: {
    cardinality: 'one-to-one',
    bind: ['oauth'],
    contact: '请拨打科技馆服务台电话核实',
    oauth: {
      authorizePath: '/oauth2/authorize',
      tokenPath: '/oauth2/token',
      revokePath: '/oauth2/revoke',
      userInfoPath: '/api/visitor',
      scope: ['visitor', 'bookings'],
      clientAuthentication: 'body',
      externalId: '/data/visitor~1id',
      unionId: '/data/unionId',
      idNumber: '/data/idNumber',
    },
  },
  services: [
    service({
      ...common,
      id: 'bookings',
      name: '我的预约',
      kind: 'list',
      identity: 'login',
      inputs: {},
      fields: {
        visitor: field.text('预约人', { code: 'yyr', mask: 'name', required: true }),
        people: field.integer('人数', { code: 'ps' }),
      },
      upstream: { sid: '/api/bookings', method: 'GET' },
    }),
  ],
  health: { service: 'bookings', intervalSeconds: 60 },
  sandbox: { bookings: ({ index, name }) => (index === 7 ? [] : [{ yyr: name, ps: 2 }]) },
}

t.test('numbers of households, shared: bound by number and by person', async (t) => {
  const report = await check(waterworks)
  t.same(failed(report), [], formatReport(report))
  t.equal(report.tier, 'gold')
  t.same(skipped(report), [
    'calendar',
    'acts',
    'bookings',
    'submissions',
    'jumps',
    'orders',
    'callbacks',
    'documents',
    'subscriptions',
    'demands',
    'promise',
  ])
})

t.test('rows that are made up keep the number, in the declared form, and the holder', async (t) => {
  const report = await check({ ...waterworks, sandbox: {} })
  t.same(failed(report), ['sandbox-rows'], formatReport(report))
  t.equal(report.tier, 'silver')
  const accepts = (row: Readonly<Record<string, unknown>>, person: { name: string }) => row['holder'] === person.name
  const { accountNumber } = waterworks.accounts ?? {}
  const strict = accountNumber ? { accountNumber: { ...accountNumber, accepts, pattern: '^XC\\d{6}$' } } : {}
  const narrow = await check({ ...waterworks, sandbox: {}, accounts: { ...(waterworks.accounts as object), ...strict } as never })
  t.same(failed(narrow), ['sandbox-rows'], formatReport(narrow))
})

t.test('an agency with an authorization server of its own', async (t) => {
  const report = await check(museum)
  t.same(failed(report), [], formatReport(report))
  t.equal(report.tier, 'gold')
  t.same(skipped(report), [
    'calendar',
    'acts',
    'bookings',
    'submissions',
    'jumps',
    'orders',
    'callbacks',
    'several',
    'documents',
    'subscriptions',
    'demands',
    'promise',
  ])
})

t.test('an agency that takes no notice of who asks, and a way to bind that finds nobody', async (t) => {
  const anybody = await check({
    ...waterworks,
    upstream: { ...waterworks.upstream, subject: { person: { zjh: 'person.idNumber' } } },
    sandbox: { ...waterworks.sandbox, household: () => Object.values(homes).map((hh) => ({ hh, hz: '户主' })) },
  })
  t.ok(failed(anybody).includes('accounts'), formatReport(anybody))
  const nobody = await check({ ...waterworks, sandbox: { ...waterworks.sandbox, 'own-household': () => [] } })
  t.match(nobody.checks.find(({ id }) => id === 'accounts')?.reasons, ['id-match：绑定不了：403 HUB_ACCOUNT_UNVERIFIED'])
})
