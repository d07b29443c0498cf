/**
 * Code lists of real estate. TD/T 1066-2021 was available by name only: values were read from public
 * exchange classes and interfaces, and each source says what is doubtful. Lists marked 待确认 are this
 * hub's proposal until the agency confirms them. All lists are open.
 */
import { codeList } from '../../core/connector.ts'

const STANDARD = 'TD/T 1066-2021'
const SEEN = '代码见于公开实现'
const OWN = '代码待登记机构确认'

/** 12 and 18 exist, but their text was in no implementation. */
export const rightTypes = codeList(`${STANDARD} QLLX 权利类型，${SEEN}（缺 12、18）`, {
  '1': '集体土地所有权',
  '2': '国家土地所有权',
  '3': '国有建设用地使用权',
  '4': '国有建设用地使用权/房屋所有权',
  '5': '宅基地使用权',
  '6': '宅基地使用权/房屋所有权',
  '7': '集体建设用地使用权',
  '8': '集体建设用地使用权/房屋所有权',
  '9': '土地承包经营权',
  '10': '土地承包经营权/森林、林木所有权',
  '11': '林地使用权',
  '13': '草原使用权',
  '14': '水域滩涂养殖权',
  '15': '海域使用权',
  '16': '海域使用权/构（建）筑物所有权',
  '17': '无居民海岛使用权',
  '19': '地役权',
  '20': '取水权',
  '21': '探矿权',
  '22': '采矿权',
  '99': '其它权利',
})

export const registrationTypes = codeList(`${STANDARD} DJLX 登记类型，${SEEN}（500 至 900 待核实）`, {
  '100': '首次登记',
  '200': '转移登记',
  '300': '变更登记',
  '400': '注销登记',
  '500': '更正登记',
  '600': '异议登记',
  '700': '预告登记',
  '800': '查封登记',
  '900': '其他登记',
})

export const coOwnershipForms = codeList(`${STANDARD} GYFS 共有方式，${SEEN}`, {
  '0': '单独所有',
  '1': '共同共有',
  '2': '按份共有',
  '3': '其它共有',
})

export const plannedUses = codeList(`${STANDARD} GHYT 规划用途，10 至 20 见于公开实现，其余待核实`, {
  '10': '住宅',
  '11': '成套住宅',
  '111': '别墅',
  '112': '高档公寓',
  '12': '非成套住宅',
  '13': '集体宿舍',
  '20': '工业、交通、仓储',
  '30': '商业、金融、信息',
  '40': '教育、医疗、卫生、科研',
  '50': '文化、娱乐、体育',
  '60': '办公',
  '70': '军事',
  '80': '其它',
})

export const houseNatures = codeList(`${STANDARD} FWXZ 房屋性质，${OWN}`, {
  '0': '市场化商品房',
  '1': '动迁房',
  '2': '配套商品房',
  '3': '公共租赁住房',
  '4': '廉租住房',
  '5': '限价普通商品住房',
  '6': '经济适用住房',
  '7': '定销商品房',
  '8': '集资建房',
  '9': '福利房',
  '99': '其它',
})

export const houseStructures = codeList(`${STANDARD} FWJG 房屋结构，${SEEN}`, {
  '1': '钢结构',
  '2': '钢和钢筋混凝土结构',
  '3': '钢筋混凝土结构',
  '4': '混合结构',
  '5': '砖木结构',
  '6': '其它结构',
})

export const titleStatuses = codeList(`${STANDARD} QSZT 权属状态，1 由实现推知，其余待核实`, {
  '0': '临时',
  '1': '现势',
  '2': '历史',
  '3': '终止',
})

export const idTypes = codeList(`${STANDARD} ZJZL 证件种类，${OWN}`, {
  '1': '身份证',
  '2': '港澳台身份证',
  '3': '护照',
  '4': '户口簿',
  '5': '军官证（士兵证）',
  '6': '组织机构代码',
  '7': '营业执照',
  '99': '其它',
})

export const rightHolderTypes = codeList(`${STANDARD} QLRLX 权利人类型，${OWN}`, {
  '1': '个人',
  '2': '企业',
  '3': '事业单位',
  '4': '国家机关',
  '99': '其它',
})

export const mortgageMethods = codeList(`${STANDARD} DYFS 抵押方式，${OWN}`, { '1': '一般抵押', '2': '最高额抵押' })

export const seizureTypes = codeList(`${STANDARD} CFLX 查封类型，${OWN}`, {
  '1': '查封',
  '2': '轮候查封',
  '3': '预查封',
  '4': '轮候预查封',
  '99': '其它',
})

export const caseStatuses = codeList(`无标准代码，${OWN}：专区业务办理状态`, {
  '01': '已受理',
  '02': '审核中',
  '03': '审核通过',
  '04': '审核未通过',
  '05': '已办结',
  '06': '已撤销',
  '07': '待补正',
  '08': '特别程序',
})

export const caseParts = codeList(`无标准代码，${OWN}：一窗受理的环节`, {
  '10': '受理',
  '20': '登记审核',
  '25': '权籍调查成果审核',
  '30': '税费核定',
  '40': '税费缴纳',
  '50': '登簿发证',
  '60': '抵押权人确认',
  '70': '房源核验',
  '80': '购房资格核验',
  '90': '合同备案',
})

export const partStatuses = codeList(`无标准代码，${OWN}：环节状态`, { '0': '未开始', '1': '办理中', '2': '已完成', '3': '未通过' })

export const paymentMethods = codeList(`无标准代码，${OWN}：网签合同付款方式`, {
  '1': '一次性付款',
  '2': '分期付款',
  '3': '商业贷款',
  '4': '公积金贷款',
  '5': '组合贷款',
})

export const paymentItems = codeList(`无标准代码，${OWN}：缴费项目`, { '1': '契税', '2': '不动产登记费', '3': '税费合并缴纳' })

/** Taxes and fees of a case are paid together: part of them would leave the case where it is. */
export const wholePayment = codeList(`无标准代码，${OWN}：缴费项目`, { '3': '税费合并缴纳' })

export const chargeStatuses = codeList(`无标准代码，${OWN}：办件税费缴纳状态`, {
  '0': '核定中',
  '1': '待缴纳',
  '2': '已缴纳',
  '3': '无须缴纳',
})

export const orderStatuses = codeList('中枢的订单状态', {
  created: '待支付',
  paying: '待支付',
  paid: '已支付，正在入账',
  'written-off': '已缴纳',
  settled: '已缴纳',
  closed: '已关闭',
  refunding: '退款中',
  refunded: '已退款',
  exception: '正在核实',
})

export const transferRoles = codeList(`无标准代码，${OWN}：转移登记当事人`, { '1': '转让方', '2': '受让方' })

export const coOwnerRoles = codeList(`无标准代码，${OWN}：首次登记申请人`, { '1': '权利人', '2': '共有人' })

export const mortgageRoles = codeList(`无标准代码，${OWN}：抵押登记当事人`, { '1': '抵押人', '2': '债务人', '3': '抵押物共有人' })

export const contractRoles = codeList(`无标准代码，${OWN}：买卖合同当事人`, { '1': '出卖人', '2': '买受人' })

export const firstReasons = codeList(`无标准代码，${OWN}：首次登记原因`, {
  '1': '合法建造房屋',
  '2': '国有建设用地使用权出让',
  '3': '宅基地批准',
  '99': '其他',
})

export const transferReasons = codeList(`无标准代码，${OWN}：转移登记原因（不动产登记暂行条例实施细则第二十七条）`, {
  '1': '买卖',
  '2': '互换',
  '3': '赠与',
  '4': '继承、受遗赠',
  '5': '作价出资',
  '6': '共有人增减或者份额变化',
  '99': '其他',
})

export const mortgageeOpinions = codeList(`无标准代码，${OWN}：抵押权人意见`, { '0': '待确认', '1': '同意', '2': '不同意' })

/** By version: which text somebody agreed to goes to the centre and stays with the filing. */
export const truths = codeList('本平台文本，待中心确认', { '2026-11': '承诺申请内容真实，所交材料与原件一致，知晓虚假登记须承担的责任' })
