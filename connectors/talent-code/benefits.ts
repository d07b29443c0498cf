import { field, input, service } from '../../core/connector.ts'
import { lastGood } from './calendar.ts'
import * as lists from './codes.ts'

/** What a place gives to whom. */
const given = {
  benefitName: field.text('权益名称', { code: 'qymc' }),
  content: field.text('权益内容', { code: 'qynr' }),
  forWhom: field.text('适用人才类别', { code: 'sylb' }),
  timesAYear: field.integer('每年次数', { code: 'mncs' }),
}
const place = {
  address: field.text('地址', { code: 'dz' }),
  phone: field.text('联系电话', { code: 'lxdh' }),
}
const listing = { section: '1.4.21', kind: 'list', inputs: {}, lastGood } as const

const scenicSpots = service({
  ...listing,
  id: 'scenic-spot-benefits',
  name: '景点权益',
  fields: {
    scenicSpotBenefits: field.list('景点权益', given, { code: 'jdqy' }),
    scenicSpotName: field.text('景点名称', { code: 'jdmc', required: true }),
    grade: field.text('景区等级', { code: 'jqdj' }),
    ...place,
  },
  upstream: { path: 'benefits/scenic-spots', method: 'GET' },
})

const hotels = service({
  ...listing,
  id: 'hotel-benefits',
  name: '酒店权益',
  fields: {
    hotelBenefits: field.list('酒店权益', given, { code: 'jdqy' }),
    hotelName: field.text('酒店名称', { code: 'jdmc', required: true }),
    grade: field.text('星级', { code: 'xj' }),
    ...place,
  },
  upstream: { path: 'benefits/hotels', method: 'GET' },
})

/** What the asker's own class gives this year, and how much of it is left; a benefit is used out of this list. */
const own = service({
  section: '1.4.21',
  kind: 'list',
  id: 'own-benefits',
  name: '我的权益',
  assists: ['benefit-use'],
  inputs: { benefitKind: input.choice('权益类别', lists.benefitKinds, { code: 'qylb', field: 'benefitKind' }) },
  fields: {
    benefitNumber: field.text('权益编号', { code: 'qybh', required: true }),
    benefitKind: field.code('权益类别', lists.benefitKinds, { code: 'qylb' }),
    benefitName: field.text('权益名称', { code: 'qymc' }),
    place: field.text('使用地点', { code: 'sydd' }),
    remaining: field.integer('今年剩余次数', { code: 'sycs' }),
    validUntil: field.date('有效期至', { code: 'yxqz' }),
    usable: field.flag('现在能否使用', { code: 'sfky', required: true }),
  },
  upstream: { path: 'benefits/mine', method: 'GET' },
})

/** One use of one of the asker's own benefits: done once, however often it is sent. */
const use = service({
  section: '1.4.21',
  kind: 'act',
  id: 'benefit-use',
  name: '权益使用',
  rate: { max: 10, perSeconds: 60 },
  inputs: {
    benefitNumber: input.choice(
      '权益编号',
      { from: 'own-benefits', value: 'benefitNumber', name: 'benefitName', open: 'usable' },
      { code: 'qybh', field: 'benefitNumber', required: true },
    ),
  },
  fields: {
    benefitNumber: field.text('权益编号', { code: 'qybh', required: true }),
    benefitName: field.text('权益名称', { code: 'qymc' }),
    place: field.text('使用地点', { code: 'sydd' }),
    useCode: field.text('核销码', { code: 'hxm' }),
    usedAt: field.datetime('使用时间', { code: 'sysj' }),
    useStatus: field.code('使用状态', lists.useStatuses, { code: 'syzt' }),
    remaining: field.integer('今年剩余次数', { code: 'sycs' }),
  },
  upstream: { path: 'benefits/use' },
  act: { serial: 'lsh', statusSid: 'talent.benefit-use-status' },
})

export const benefitServices = [scenicSpots, hotels, own, use]
