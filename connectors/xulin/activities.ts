import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { contactPhone, filing, followed, own, section } from './common.ts'

/** The same for everybody. */
const listed = { section, kind: 'catalog', inputs: {}, retry: { attempts: 1 } } as const

/** What can be signed up for; what is full or over is listed too, and not taken. */
const activities = service({
  ...listed,
  id: 'activity-list',
  name: '社区活动查询',
  assists: ['activity-registration'],
  fields: {
    activityNumber: field.text('活动编号', { code: 'hdbh', required: true }),
    activityName: field.text('活动名称', { code: 'hdmc', required: true }),
    community: field.text('社区', { code: 'sq' }),
    place: field.text('地点', { code: 'dd' }),
    startTime: field.datetime('开始时间', { code: 'kssj' }),
    endTime: field.datetime('结束时间', { code: 'jssj' }),
    placesLeft: field.integer('剩余名额', { code: 'syme' }),
    open: field.flag('可以报名', { code: 'kbm', required: true }),
  },
  upstream: { path: 'activities', method: 'GET' },
})

const recruitments = service({
  ...listed,
  id: 'recruitment-list',
  name: '志愿者招募查询',
  assists: ['volunteer-recruitment'],
  fields: {
    recruitmentNumber: field.text('招募编号', { code: 'zmbh', required: true }),
    recruitmentName: field.text('招募项目', { code: 'zmmc', required: true }),
    community: field.text('社区', { code: 'sq' }),
    duty: field.text('服务内容', { code: 'fwnr' }),
    period: field.text('服务时间', { code: 'fwsj' }),
    needed: field.integer('招募人数', { code: 'zmrs' }),
    open: field.flag('可以报名', { code: 'kbm', required: true }),
  },
  upstream: { path: 'recruitments', method: 'GET' },
})

const signUpFields = {
  signUpNumber: field.text('报名编号', { code: 'bmbh', required: true }),
  signUpStatus: field.code('报名状态', lists.signUpStates, { code: 'bmzt' }),
  signedUpAt: field.datetime('报名时间', { code: 'bmsj' }),
  opinion: field.text('审核意见', { code: 'shyj' }),
}

/** Looked at by the community, accepted or not; taken back until then, and while it is accepted by the community itself. */
const life = (path: string) =>
  ({
    ...followed,
    reference: 'signUpNumber',
    words: { signedUpAt: 'filedAt', signUpStatus: 'status' },
    refusal: 'opinion',
    states: { withdrawn: { title: '已取消', after: ['submitted', 'reviewing'], final: true } },
    cancel: { sid: `${path}/cancel`, when: ['submitted', 'reviewing'], to: 'withdrawn' },
    progress: [
      { state: 'withdrawn', when: { signUpStatus: ['05'] } },
      { state: 'rejected', when: { signUpStatus: ['04'] } },
      { state: 'approved', when: { signUpStatus: ['03'] } },
      { state: 'reviewing', when: { signUpStatus: ['02'] } },
    ],
  }) as const

const activity = service({
  ...filing,
  id: 'activity-registration',
  name: '社区活动报名',
  inputs: {
    activityNumber: input.choice(
      '活动',
      { from: 'activity-list', value: 'activityNumber', name: 'activityName', open: 'open' },
      { code: 'hdbh', required: true },
    ),
    participants: input.integer('参加人数', { code: 'cjrs', required: true, minimum: 1, maximum: 5 }),
    contactPhone,
  },
  fields: { ...signUpFields, activityNumber: field.text('活动编号', { code: 'hdbh' }) },
  upstream: own('/api/activities/sign-up'),
  submission: life('/api/activities/sign-up'),
})

const volunteer = service({
  ...filing,
  id: 'volunteer-recruitment',
  name: '志愿者招募',
  inputs: {
    recruitmentNumber: input.choice(
      '招募项目',
      { from: 'recruitment-list', value: 'recruitmentNumber', name: 'recruitmentName', open: 'open' },
      { code: 'zmbh', required: true },
    ),
    skills: input.text('特长和可服务时间', { code: 'tcsj', maxLength: 200 }),
    contactPhone,
  },
  fields: { ...signUpFields, recruitmentNumber: field.text('招募编号', { code: 'zmbh' }) },
  upstream: own('/api/recruitments/sign-up'),
  submission: life('/api/recruitments/sign-up'),
})

export const activityServices = [activities, activity, recruitments, volunteer]
