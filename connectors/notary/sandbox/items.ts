/**
 * The platform's catalogue, invented after the kinds of 《公证法》 第十一条、第十二条 and what 《公证程序规则》 asks an applicant for. Fees are
 * made up, within what notary offices take for a matter of the kind.
 */

const papers = {
  id: '居民身份证',
  book: '居民户口簿',
  photo: '近期二寸免冠照片',
  birth: '出生医学证明，没有的由户籍地派出所出具出生证明',
  kin: '亲属关系证明（所在单位、社区或者派出所出具）',
  death: '死亡医学证明或者户口注销证明',
  clean: '户籍地派出所出具的无犯罪记录证明',
  work: '所在单位出具的证明，加盖公章',
  archive: '人事档案存放单位出具的证明',
  title: '职称证书或者任命文件',
  degree: '毕业证书、学位证书',
  diploma: '学信网《教育部学历证书电子注册备案表》',
  school: '学校出具并盖章的成绩单或者在读证明',
  skill: '职业资格证书或者技能等级证书',
  wed: '结婚证',
  parted: '离婚证，或者生效的离婚判决书、调解书',
  single: '民政部门出具的婚姻登记档案查询结果，或者本人声明',
  owner: '不动产权证书',
  deed: '合同或者协议文本',
  bank: '银行出具的存款证明',
  tax: '税务机关出具的纳税证明',
  will: '遗嘱文本',
  heirs: '被继承人的财产凭证和全体继承人名单',
  licence: '营业执照',
  charter: '公司章程',
  vote: '股东会或者董事会决议',
  chief: '法定代表人身份证明和身份证',
  rules: '招标、抽签的规则和批准文件',
  carrier: '保全标的的线索：网址、存储介质、实物或者地点',
  text: '需要签署的文书',
  minor: '未成年人的护照和出生证明',
  driver: '机动车驾驶证',
  passport: '护照',
} as const

export type Paper = keyof typeof papers
export const paperName = (paper: Paper) => papers[paper]

type Row = readonly [name: string, yuan: number, workingDays: number, papers: string, condition: string]

const SELF = '本人申请；不能到场的，可委托他人代办'
const PERSON = '须本人亲自申请，不得委托'
const BOTH = '双方共同申请'
const FIRM = '由法定代表人或者持授权委托书的代理人申请'

/** By category (codes.ts); names of papers are keys of the table above. */
const table: Readonly<Record<string, readonly Row[]>> = {
  '01': [
    ['出生公证', 80, 5, 'id book photo birth', SELF],
    ['生存公证', 80, 2, 'id book photo', PERSON],
    ['死亡公证', 80, 5, 'id book kin death', '由近亲属申请'],
    ['身份公证', 80, 5, 'id book photo', SELF],
    ['曾用名公证', 80, 5, 'id book', SELF],
    ['住所地（居住地）公证', 80, 5, 'id book', SELF],
    ['国籍公证', 80, 5, 'id book passport', SELF],
    ['户籍注销公证', 80, 5, 'id book', SELF],
    ['有无违法犯罪记录公证', 80, 5, 'id book clean', SELF],
    ['经历公证', 80, 5, 'id archive', SELF],
    ['职务公证', 80, 5, 'id work', SELF],
    ['职称公证', 80, 5, 'id title', SELF],
    ['亲属关系公证', 80, 5, 'id book photo kin', SELF],
    ['收养关系公证', 200, 10, 'id book kin', '收养人和被收养人共同申请'],
    ['监护关系公证', 200, 10, 'id book kin', '由监护人申请'],
    ['居民户口簿公证', 80, 3, 'id book', SELF],
    ['居民身份证公证', 80, 3, 'id', SELF],
    ['机动车驾驶证公证', 80, 3, 'id driver', SELF],
  ],
  '02': [
    ['学历公证', 80, 5, 'id degree diploma', SELF],
    ['学位公证', 80, 5, 'id degree', SELF],
    ['毕业证书公证', 80, 3, 'id degree', SELF],
    ['学位证书公证', 80, 3, 'id degree', SELF],
    ['成绩单公证', 80, 3, 'id school', SELF],
    ['在读证明公证', 80, 3, 'id school', SELF],
    ['职业资格、技能等级证书公证', 80, 3, 'id skill', SELF],
  ],
  '03': [
    ['结婚证公证', 80, 3, 'id book photo wed', '夫妻双方或者一方申请'],
    ['离婚证公证', 80, 3, 'id book parted', SELF],
    ['未婚公证', 80, 5, 'id book single', PERSON],
    ['离婚未再婚公证', 80, 5, 'id book parted single', PERSON],
    ['丧偶未再婚公证', 80, 5, 'id book death single', PERSON],
    ['婚前财产约定协议公证', 400, 10, 'id book deed owner', BOTH],
    ['夫妻财产约定协议公证', 400, 10, 'id book wed deed owner', BOTH],
    ['离婚协议公证', 400, 10, 'id book wed deed', BOTH],
  ],
  '04': [
    ['不动产权证书公证', 80, 3, 'id owner', SELF],
    ['存款证明公证', 80, 3, 'id bank', SELF],
    ['纳税证明公证', 80, 3, 'id tax', SELF],
    ['收入证明公证', 80, 3, 'id work', SELF],
    ['房屋买卖合同公证', 500, 10, 'id owner deed', BOTH],
    ['房屋租赁合同公证', 300, 7, 'id owner deed', BOTH],
    ['赠与合同公证', 500, 10, 'id book owner deed', BOTH],
    ['借款合同公证', 500, 10, 'id deed', BOTH],
    ['抵押合同公证', 500, 10, 'id owner deed', BOTH],
    ['财产分割协议公证', 400, 10, 'id book deed', '全体共有人共同申请'],
  ],
  '05': [
    ['遗嘱公证', 400, 10, 'id book will owner', PERSON],
    ['继承权公证', 400, 15, 'id book kin death heirs', '由继承人申请'],
    ['放弃继承权声明公证', 200, 5, 'id book kin', PERSON],
    ['接受遗赠声明公证', 200, 5, 'id will', PERSON],
    ['遗产分割协议公证', 400, 15, 'id book death heirs deed', '全体继承人共同申请'],
    ['遗赠扶养协议公证', 400, 15, 'id book deed', BOTH],
    ['遗嘱保管', 200, 3, 'id will', PERSON],
  ],
  '06': [
    ['委托书公证', 200, 3, 'id text', PERSON],
    ['委托书公证（处分不动产）', 300, 3, 'id owner text', PERSON],
    ['声明书公证', 200, 3, 'id text', PERSON],
    ['未成年人出境同意声明公证', 200, 3, 'id book minor text', '由父母双方申请'],
    ['签名、指纹公证', 200, 3, 'id text', PERSON],
    ['意定监护协议公证', 1000, 15, 'id book deed', BOTH],
  ],
  '07': [
    ['保全网页、电子数据', 800, 7, 'id carrier', SELF],
    ['保全物证、书证', 800, 7, 'id carrier', SELF],
    ['保全房屋现状', 1000, 10, 'id owner carrier', SELF],
    ['保全证人证言、当事人陈述', 600, 7, 'id carrier', SELF],
    ['保全送达文书行为', 600, 7, 'id text', SELF],
  ],
  '08': [
    ['公司章程公证', 500, 7, 'licence charter chief', FIRM],
    ['营业执照公证', 200, 3, 'licence chief', FIRM],
    ['法定代表人身份公证', 200, 3, 'licence chief', FIRM],
    ['股东会决议公证', 500, 7, 'licence chief vote', FIRM],
    ['招标投标公证', 3000, 15, 'licence chief rules', FIRM],
    ['赋予债权文书强制执行效力公证', 3000, 15, 'licence chief deed', '债权人和债务人共同申请'],
    ['提存公证', 500, 10, 'licence chief deed', FIRM],
  ],
}

export interface Item {
  readonly code: string
  readonly category: string
  readonly name: string
  readonly yuan: number
  readonly workingDays: number
  readonly papers: readonly Paper[]
  readonly condition: string
}

const isPaper = (name: string): name is Paper => name in papers

export const items: readonly Item[] = Object.entries(table).flatMap(([category, rows]) =>
  rows.map(
    ([name, yuan, workingDays, needed, condition], place): Item => ({
      code: `${category}${String(place + 1).padStart(2, '0')}`,
      ...{ category, name, yuan, workingDays, condition },
      papers: needed.split(' ').filter(isPaper),
    }),
  ),
)

export const itemOf = (code: unknown) => items.find((item) => item.code === code)
