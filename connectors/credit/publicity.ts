import { field, input, service } from '../../core/connector.ts'
import { lastGood } from './calendar.ts'
import * as lists from './codes.ts'
import { open, paged, party, search } from './policies.ts'

/** XK_ of 双公示 2019; the set of 2016 stands behind each key where old records still use it. */
const licences = service({
  ...open,
  id: 'administrative-licence-disclosure',
  name: '行政许可公示',
  inputs: { ...search, licenceKind: input.choice('许可类别', lists.licenceKinds, { code: 'xklb' }) },
  fields: {
    ...party('XK'),
    decisionName: field.text('行政许可决定文书名称', { code: ['XK_XKWS', 'XK_XMMC'] }),
    decisionNumber: field.text('行政许可决定文书号', { code: 'XK_WSH', required: true }),
    licenceKind: field.code('许可类别', lists.licenceKinds, { code: ['XK_XKLB', 'XK_SPLB'] }),
    licenceName: field.text('许可证书名称', { code: 'XK_XKZS' }),
    licenceNumber: field.text('许可编号', { code: 'XK_XKBH' }),
    licenceContent: field.text('许可内容', { code: 'XK_NR' }),
    decisionDate: field.date('许可决定日期', { code: 'XK_JDRQ' }),
    validFrom: field.date('有效期自', { code: 'XK_YXQZ' }),
    validUntil: field.until('有效期至', { code: ['XK_YXQZI', 'XK_JZQ'] }),
    licensingAgency: field.text('许可机关', { code: ['XK_XKJG', 'XK_XZJG'] }),
    recordState: field.code('当前状态', lists.recordStates, { code: 'XK_ZT' }),
  },
  upstream: paged('sgs/xzxk'),
})

/** CF_ of 双公示 2019. */
const penalties = service({
  ...open,
  id: 'administrative-penalty-disclosure',
  name: '行政处罚公示',
  inputs: { ...search, penaltyKind: input.choice('处罚类别', lists.penaltyKinds, { code: 'cflb' }) },
  fields: {
    ...party('CF'),
    decisionNumber: field.text('行政处罚决定书文号', { code: 'CF_WSH', required: true }),
    violationKind: field.text('违法行为类型', { code: 'CF_WFXW' }),
    violationFacts: field.text('违法事实', { code: 'CF_SY' }),
    legalBasis: field.text('处罚依据', { code: 'CF_YJ' }),
    penaltyKind: field.code('处罚类别', lists.penaltyKinds, { code: ['CF_CFLB1', 'CF_CFLB'] }),
    penaltyContent: field.text('处罚内容', { code: 'CF_NR' }),
    // Both in 万元 (行政处罚 信息公示标准).
    fineAmount: field.money('罚款金额', { code: 'CF_NR_FK', unit: '10k-yuan' }),
    confiscatedAmount: field.money('没收违法所得、没收非法财物的金额', { code: 'CF_NR_WFFF', unit: '10k-yuan' }),
    revokedLicence: field.text('暂扣或者吊销证照名称及编号', { code: 'CF_NR_ZKDX' }),
    decisionDate: field.date('处罚决定日期', { code: 'CF_JDRQ' }),
    publicUntil: field.date('公示截止期', { code: 'CF_GSJZQ' }),
    penalisingAgency: field.text('处罚机关', { code: ['CF_CFJG', 'CF_XZJG'] }),
    recordState: field.code('当前状态', lists.recordStates, { code: 'CF_ZT' }),
  },
  upstream: paged('sgs/xzcf'),
})

const listed = {
  entityName: field.text('主体名称', { code: 'ztmc', mask: 'party', required: true }),
  entityKind: field.code('主体类别', lists.partyKinds, { code: 'ztlb' }),
  unifiedSocialCreditCode: field.text('统一社会信用代码', { code: 'shxydm' }),
}

const trustworthy = service({
  ...open,
  id: 'trustworthy-list',
  lastGood,
  name: '守信名单',
  inputs: { ...search, listKind: input.choice('名单类别', lists.trustLists, { code: 'mdlb' }) },
  fields: {
    ...listed,
    listKind: field.code('名单类别', lists.trustLists, { code: 'mdlb' }),
    year: field.integer('认定年度', { code: 'rdnd' }),
    certifyingAgency: field.text('认定机关', { code: 'rdjg' }),
    certifiedOn: field.date('认定日期', { code: 'rdrq' }),
    validUntil: field.until('有效期至', { code: 'yxqz' }),
  },
  upstream: paged('md/sx'),
})

const dishonest = service({
  ...open,
  id: 'dishonest-list',
  name: '失信名单',
  inputs: { ...search, listKind: input.choice('名单类别', lists.dishonestyLists, { code: 'mdlb' }) },
  fields: {
    ...listed,
    listKind: field.code('名单类别', lists.dishonestyLists, { code: 'mdlb' }),
    decisionNumber: field.text('认定文书号', { code: 'rdwsh', required: true }),
    reason: field.text('失信行为', { code: 'sxxw' }),
    certifyingAgency: field.text('认定机关', { code: 'rdjg' }),
    certifiedOn: field.date('列入日期', { code: 'lrrq' }),
    publicUntil: field.date('公示截止期', { code: 'gsjzq' }),
  },
  upstream: paged('md/shixin'),
})

const cases = service({
  ...open,
  id: 'typical-cases',
  name: '典型案例',
  inputs: { keyword: search.keyword, caseKind: input.choice('案例类别', lists.caseKinds, { code: 'allb' }) },
  fields: {
    caseTitle: field.text('案例标题', { code: 'albt', required: true }),
    caseKind: field.code('案例类别', lists.caseKinds, { code: 'allb' }),
    summary: field.text('案例摘要', { code: 'alzy' }),
    content: field.text('案例内容', { code: 'alnr' }),
    publishedBy: field.text('发布单位', { code: 'fbdw' }),
    publishedOn: field.date('发布日期', { code: 'fbrq' }),
  },
  upstream: paged('dxal'),
})

/** 信易+: what a good record is worth, and where it is asked for. */
const scenes = service({
  id: 'xinyi-plus',
  name: '信易+场景',
  section: '1.4.17',
  kind: 'catalog',
  audience: 'person',
  identity: 'login',
  agents: true,
  inputs: { sceneKind: input.choice('场景', lists.sceneKinds, { code: 'cjlb', field: 'sceneKind' }) },
  fields: {
    sceneName: field.text('场景名称', { code: 'cjmc', required: true }),
    sceneKind: field.code('场景', lists.sceneKinds, { code: 'cjlb' }),
    benefit: field.text('优惠内容', { code: 'yhnr' }),
    condition: field.text('信用条件', { code: 'xytj' }),
    provider: field.text('提供单位', { code: 'tgdw' }),
    forWhom: field.text('适用对象', { code: 'sydx' }),
  },
  upstream: { path: 'xyj/cj', method: 'GET' },
})

export const publicServices = [licences, penalties, trustworthy, dishonest, cases, scenes]
