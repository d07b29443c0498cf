import { field, input, service } from '../../core/connector.ts'
import { lastGood } from './calendar.ts'
import { features, newsKinds } from './codes.ts'

const section = '1.4.15'

/** The platform's own page, on which the user is known: a code, good once, for the user's token; the browser carries it in a form. */
const entry = service({
  id: 'authorized-entry',
  name: '授权进入烈士陵园线上服务',
  section,
  kind: 'jump',
  inputs: {},
  fields: { ticket: field.text('一次性登录码', { code: 'ticket', required: true }) },
  jump: {
    page: 'h5/home',
    handOver: { by: 'ticket', field: 'ticket', parameter: 'ticket', carrier: 'form' },
    returnParameter: 'backUrl',
  },
  upstream: { system: 'personal', sid: '/api/sso/tickets' },
  rate: { max: 20, perSeconds: 60 },
})

/** The same for everybody, signed in or not. */
const open = { section, audience: 'public', identity: 'none' } as const
const asked = { ...open, cache: { seconds: 600 }, lastGood, retry: { attempts: 1 } } as const

const onlineFeatures = service({
  ...asked,
  id: 'online-features',
  name: '线上功能聚合页面',
  kind: 'catalog',
  inputs: {},
  fields: {
    feature: field.code('线上功能', features, { code: 'gnbh', required: true }),
    featureName: field.text('名称', { code: 'gnmc', required: true }),
    introduction: field.text('简介', { code: 'jj' }),
    open: field.flag('是否开放', { code: 'sfkf' }),
    updatedOn: field.date('更新日期', { code: 'gxrq' }),
  },
  upstream: { path: 'features', method: 'GET' },
})

const redNews = service({
  ...asked,
  id: 'red-news',
  name: '红色资讯',
  kind: 'list',
  inputs: {
    newsKind: input.choice('资讯类别', newsKinds, { code: 'zxlb', field: 'newsKind' }),
    timeRange: input.period('发布日期', { codes: ['ksrq', 'jsrq'], field: 'publishedOn' }),
  },
  fields: {
    newsNumber: field.text('资讯编号', { code: 'zxbh', required: true }),
    title: field.text('标题', { code: 'bt', required: true }),
    newsKind: field.code('资讯类别', newsKinds, { code: 'zxlb' }),
    summary: field.text('摘要', { code: 'zy' }),
    source: field.text('来源', { code: 'ly' }),
    publishedOn: field.date('发布日期', { code: 'fbrq', required: true }),
  },
  upstream: { path: 'news', method: 'GET' },
})

/** Pages for everybody: nobody is asked who they are. */
const page = <const Id extends string>(id: Id, name: string, path: string) =>
  service({ ...open, id, name, kind: 'jump', inputs: {}, fields: {}, jump: { page: path, handOver: { by: 'none' } } })

export const pageServices = [
  entry,
  onlineFeatures,
  page('panorama-preview', '全景预览', 'h5/panorama'),
  page('audio-guide', '语音导览', 'h5/audio-guide'),
  page('qingming-memorial', '清明祭英烈', 'h5/qingming'),
  redNews,
]
