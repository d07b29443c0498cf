import type { SandboxRow, SandboxRows } from '../../../core/connector.ts'

/** `keyword`, `admdvs`, `med_need` and `drug_need` are conditions of the request, which no field shows. */
const policies: readonly SandboxRow[] = [
  ['示例市职工基本医疗保险门诊共济保障实施细则', '02', '示医保〔2025〕3号', '2025-03-14', '职工门诊费用纳入统筹支付的范围、起付线与比例。'],
  ['关于做好2027年度城乡居民基本医疗保险参保缴费工作的通知', '01', '示医保〔2026〕11号', '2026-08-28', '集中参保期、缴费标准与资助政策。'],
  ['跨省异地就医直接结算经办规程', '04', '示医保〔2024〕22号', '2024-12-05', '备案人员范围、办理方式与结算规则。'],
  ['关于完善生育保险待遇的通知', '05', '示医保〔2025〕9号', '2025-06-30', '生育津贴计发天数与申领材料。'],
].map(([name = '', type, number, day, text = '']) => ({
  keyword: `${name}${text}`,
  plcy_name: name,
  plcy_type: type,
  doc_no: number,
  iss_org: '示例市医疗保障局',
  iss_date: day,
  exec_date: day,
  abst: text,
}))

const knowledge: readonly SandboxRow[] = [
  ['什么是医保码？', '01', '医保码由全国统一的医保信息平台签发，凭它可以挂号、就诊、购药和查询。'],
  ['异地就医怎样备案？', '04', '可以在手机上自助备案，备案后在联网的定点医院直接结算。'],
  ['甲类药和乙类药有什么不同？', '06', '甲类药全额纳入报销范围；乙类药先由个人按比例自付，其余再按规定报销。'],
].map(([name = '', type, text = '']) => ({
  keyword: `${name}${text}`,
  know_name: name,
  know_type: type,
  cont: text,
  src_org: '示例市医疗保障局',
  iss_date: '2026-04-01',
}))

const hospitals: readonly SandboxRow[] = (
  [
    ['许昌市示例中心医院', '411002', '魏都区示例路1号', '0374-0000001', ['心血管内科', '普通外科', '急诊科']],
    ['许昌市示例妇幼保健院', '411002', '魏都区样例街22号', '0374-0000002', ['产科', '儿科']],
    ['建安区示例人民医院', '411003', '建安区虚拟大道8号', '0374-0000003', ['呼吸内科', '骨科']],
    ['禹州市示例中医院', '411081', '禹州市样本路16号', '0374-0000004', ['中医科', '康复科']],
    ['长葛市示例人民医院', '411082', '长葛市示范路3号', '0374-0000005', ['普通外科', '儿科']],
  ] as const
).map(([name, division, street, tel, departments]) => ({
  admdvs: division,
  med_need: departments.join(' '),
  fixmedins_name: name,
  fixmedins_addr: `河南省许昌市${street}`,
  tel,
  serv_item: departments.map((department) => ({ hilist_name: `${department}门诊`, dept_name: department })),
}))

const pharmacies: readonly SandboxRow[] = (
  [
    ['示例大药房许昌一店', '411002', '魏都区示例路45号', '0374-0000011', '西药 中成药 医疗器械 缬沙坦胶囊 苯磺酸氨氯地平片'],
    ['示例大药房建安店', '411003', '建安区样例街9号', '0374-0000012', '西药 中成药 缬沙坦胶囊'],
    ['虚拟医药禹州店', '411081', '禹州市示例巷2号', '0374-0000013', '西药 中药饮片'],
  ] as const
).map(([name, division, street, tel, goods]) => ({
  admdvs: division,
  drug_need: goods,
  fixmedins_name: name,
  fixmedins_addr: `河南省许昌市${street}`,
  tel,
}))

const drugs: readonly SandboxRow[] = [
  ['苯磺酸氨氯地平片', '5mg×14片', '片剂', '示例制药股份有限公司'],
  ['缬沙坦胶囊', '80mg×7粒', '胶囊剂', '虚拟药业有限公司'],
  ['阿司匹林肠溶片', '100mg×30片', '肠溶片', '样本制药有限公司'],
  ['二甲双胍片', '0.5g×20片', '片剂', '示例制药股份有限公司'],
  ['注射用头孢呋辛钠', '0.75g', '注射剂', '虚拟药业有限公司'],
  ['重组人促红素注射液', '3000IU', '注射剂', '样本制药有限公司'],
  ['缩宫素注射液', '10单位', '注射剂', '虚拟药业有限公司'],
  ['感冒灵颗粒', '10g×9袋', '颗粒剂', '示例制药股份有限公司'],
].map(([name, spec, form, maker]) => ({ drug_genname: name, drug_spec: spec, dosform: form, prodentp_name: maker }))

/** Public lists are the same for everybody; names, numbers and texts are invented. */
export const publicRows: Readonly<Record<string, SandboxRows>> = {
  policies: () => policies,
  knowledge: () => knowledge,
  'designated-hospitals': () => hospitals,
  'designated-pharmacies': () => pharmacies,
  'drug-catalogue': () => drugs,
}
