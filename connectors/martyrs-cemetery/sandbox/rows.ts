import { addDays, type SandboxRow, type SandboxRows, type SandboxWorld } from '../../../core/connector.ts'

const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`

/** The last day of that name, `0405`, that is not to come. */
function lastOf(day: string, { today }: SandboxWorld): string {
  const year = Number(today.slice(0, 4))
  return `${today.slice(4) >= day ? year : year - 1}${day}`
}

const features: SandboxRows = (_subject, world) => {
  const updated = dashed(lastOf('0325', world))
  return [
    ['1', '全景预览', '在线浏览纪念碑、纪念广场、烈士墓区和纪念馆。'],
    ['2', '语音导览', '到园参观时按点位收听讲解，普通话，全程约四十分钟。'],
    ['3', '清明祭英烈', '网上献花、留言，寄托哀思，全年开放。'],
    ['4', '红色资讯', '陵园公告、纪念活动、英烈事迹和褒扬纪念法规。'],
  ].map(([gnbh, gnmc, jj]) => ({ gnbh, gnmc, jj, sfkf: '1', gxrq: updated }))
}

/** Occasions are the calendar's (清明节、烈士纪念日), laws are real; names, numbers and events are invented, and no martyr's is used. */
const news: SandboxRows = (_subject, world) => {
  const [qingming, martyrsDay] = [lastOf('0405', world), lastOf('0930', world)]
  const rows: readonly (readonly [day: string, kind: string, title: string, summary: string, source: string])[] = [
    [
      addDays(world.today, -12),
      '1',
      '关于冬季开放时间的公告',
      '园区每日 8:30 至 17:00 开放，16:30 停止入园。',
      '许昌市烈士陵园管理处（示例）',
    ],
    [martyrsDay, '2', '烈士纪念日向烈士敬献花篮仪式举行', '各界代表在纪念碑前默哀、敬献花篮。', '许昌市烈士陵园管理处（示例）'],
    [
      addDays(martyrsDay, -8),
      '1',
      '烈士纪念日期间参观须知',
      '仪式当天上午暂停零散参观，请预约下午时段前来。',
      '许昌市烈士陵园管理处（示例）',
    ],
    [qingming, '2', '“网上祭英烈”活动开通', '不便到场的群众可以网上献花、留言。', '许昌市烈士陵园管理处（示例）'],
    [addDays(qingming, -10), '1', '清明节文明祭扫倡议书', '倡导鲜花祭扫、网上祭扫，园内禁止焚烧祭品。', '许昌市烈士陵园管理处（示例）'],
    [addDays(qingming, -30), '3', '讲解员说英烈：一封家书', '从一封战地家书说起，讲述青年战士的家国情怀。', '许昌市烈士陵园管理处（示例）'],
    [addDays(qingming, -60), '4', '学习《中华人民共和国英雄烈士保护法》', '英雄烈士的姓名、肖像、名誉、荣誉受法律保护。', '中国人大网'],
  ]
  return rows
    .map(([day, zxlb, bt, zy, ly]) => ({ zxbh: `HSZX${day}${zxlb}`, bt, zxlb, zy, ly, fbrq: dashed(day) }))
    .sort((one, other) => other.fbrq.localeCompare(one.fbrq))
}

const TYPES: Readonly<Record<string, string>> = { 'individual-booking': '1', 'group-booking': '2', 'volunteer-booking': '3' }

const NEVER_CAME = 7

/** A visit that is over, booked at the platform's own page, and what was booked since; what was given back is gone. */
const bookings: SandboxRows = ({ index, name, number, filed = [] }, world) => {
  const made = filed
    .filter(({ service, params }) => TYPES[service] !== undefined && params['by'] === number && params['state'] !== 'ended')
    .map(
      ({ service, reference, params }): SandboxRow => ({
        yybh: reference,
        yyzt: '1',
        cgrq: params['place'],
        yylx: TYPES[service],
        rs: String(params['people']),
        sfjj: params['sfjj'],
        hdms: params['hdms'],
        lxr: params['lxr'],
      }),
    )
  const day = lastOf('0404', world)
  const earlier = {
    yybh: `LS${day}${String(index).padStart(6, '0')}`,
    yyzt: '2',
    cgrq: dashed(day),
    yylx: '1',
    rs: '2',
    sfjj: '0',
    hdms: '清明祭扫',
    lxr: name,
  }
  return [...made.reverse(), ...(index === 0 || index === NEVER_CAME ? [] : [earlier])]
}

/** What somebody books who tries it. */
const tried =
  (yylx: string, rs: string, hdms: string): SandboxRows =>
  ({ name }) => [{ yylx, rs, sfjj: '1', hdms, lxr: name }]

/** The platform's records of the sandbox's invented people, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'online-features': features,
  'red-news': news,
  'booking-list': bookings,
  'individual-booking': tried('1', '2', '家庭祭扫'),
  'group-booking': tried('2', '60', '主题教育'),
  'volunteer-booking': tried('3', '5', '清扫墓区'),
}
