import t from 'tap'
import { type ConnectorDeclaration, field, input, type ServiceContract, service } from '../../../../core/connector.ts'
import { checkDeclarations } from '../../../../plugins/declarations/check.ts'
import { kinds } from '../../../../plugins/kinds/index.ts'
import { nearest } from '../../../../plugins/kinds/query/nearest.ts'
import { readQuery } from '../../../../plugins/kinds/query/read-query.ts'
import { build } from '../../../helper/hub.ts'
import { minimalConnector } from '../../../helper/minimal-connector.ts'

const open = {
  section: '0',
  kind: 'list',
  audience: 'public',
  identity: 'none',
  timeoutMs: 2000,
  rate: { max: 1000, perSeconds: 60 },
} as const
const columns = {
  name: field.text('名称', { code: 'mc', required: true }),
  longitude: field.number('经度', { code: 'jd' }),
  latitude: field.number('纬度', { code: 'wd' }),
  distance: field.integer('距离（米）', { code: 'jl' }),
}

const shops = service({
  ...open,
  id: 'shops',
  name: '门店',
  inputs: { near: input.near('我的位置', { longitude: 'longitude', latitude: 'latitude', distance: 'distance' }) },
  fields: columns,
})
const directory = service({
  ...open,
  id: 'directory',
  name: '门店名录',
  rows: 'one',
  single: '名录只有一份',
  inputs: { near: input.near('我的位置', { longitude: 'shops.longitude', latitude: 'shops.latitude', distance: 'shops.distance' }) },
  fields: { title: field.text('标题', { code: 'bt', required: true }), shops: field.list('门店', columns, { code: 'md' }) },
})

const rows = () => [
  { mc: '远', jd: '113.95', wd: '34.03' },
  { mc: '无', jd: null, wd: null },
  { mc: '近', jd: '113.853', wd: '34.036' },
]
const demo: ConnectorDeclaration = {
  ...minimalConnector(),
  services: [shops, directory],
  health: { service: 'shops', intervalSeconds: 60 },
  sandbox: { shops: rows, directory: () => [{ bt: '名录', md: rows() }] },
}
type Named = { name: string; distance: number | null }
const names = (found: Named[]) => found.map(({ name }) => name)

t.test('a degree of latitude is 111 km, one of longitude less the further north', async (t) => {
  const measure = nearest(shops.contract.inputs['near']?.notes as never, '113.85,34')
  const distance = (longitude: number, latitude: number) => {
    const row: Record<string, unknown> = { longitude, latitude }
    measure(row)
    return row['distance']
  }
  t.equal(distance(113.85, 34), 0)
  t.equal(distance(113.85, 35), 111_195)
  t.equal(distance(114.85, 34), 92_184)
})

t.test('nearest first, what says not where it is last', async (t) => {
  const hub = await build(t, { declarations: [demo] })
  const get = async (url: string) => (await hub.app.inject(url)).json()
  const near = 'near=113.8526,34.0357'
  const found = (await get(`/v1/demo/shops?${near}`)).data as Named[]
  t.same(names(found), ['近', '远', '无'])
  t.ok(Number(found[0]?.distance) < 60 && Number(found[1]?.distance) > 8000 && found[2]?.distance === null)
  t.same(names((await get(`/v1/demo/shops?${near}&sort=-distance`)).data), ['远', '近', '无'], 'whoever wants it otherwise says so')
  t.same(names((await get('/v1/demo/shops')).data), ['远', '无', '近'], 'as the agency has them')
  t.same(names((await get(`/v1/demo/directory?${near}`)).data.shops), ['近', '远', '无'], 'within a record too')
  for (const wrong of ['113.85', '34.03,113.85', '181,0', '113.85,34.03,1', 'a,b'])
    t.equal((await hub.app.inject(`/v1/demo/shops?near=${encodeURIComponent(wrong)}`)).statusCode, 400, wrong)
  t.same(readQuery(shops.contract, { near: '113.85,34' }).input, { near: '113.85,34' })
  t.same(
    hub.app.services.get('demo.shops')?.params({ near: '113.85,34' }, { person: null, enterprise: null }),
    {},
    'the agency is not told',
  )
})

t.test('what cannot be measured is a mistake of the declaration', async (t) => {
  const problems = (inputs: ServiceContract['inputs']) =>
    checkDeclarations(
      [{ ...demo, services: [{ contract: { ...directory.contract, inputs }, handler: null }, shops], sandbox: {} }],
      kinds,
    ).join()
  t.equal(problems(directory.contract.inputs), '')
  const near = (change: object) => ({
    near: input.near('位置', { longitude: 'shops.longitude', latitude: 'shops.latitude', distance: 'shops.distance', ...change }),
  })
  t.match(problems(near({ latitude: 'shops.name' })), /near needs a number: shops.name/)
  t.match(problems(near({ distance: 'shops.latitude' })), /near writes a whole number/)
  t.match(problems(near({ distance: 'title' })), /near looks at one list/)
})
