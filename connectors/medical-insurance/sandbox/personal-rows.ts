import { yuan } from '../../../core/connector.ts'
import { contributionRow, ofInsured, type Rows, recentMonths } from './insured.ts'

const certificate = ofInsured(({ unit, since }, { index }) => [
  {
    insutype: '310',
    emp_name: unit.name,
    psn_insu_date: `${since}000000`,
    cert_file: [{ id: `CBZM${index}`, name: '个人参保证明.pdf', mediaType: 'application/pdf' }],
  },
])

const diseases = ofInsured((_person, { index }) => {
  const approved = { aprv_stas: '2', aprv_rslt: '1', fixmedins_name: '许昌市示例中心医院', begndate: '2025-07-01', enddate: '2027-06-30' }
  const times = { appy_time: '2025-06-10 09:12:00', aprv_time: '2025-06-18 16:40:00' }
  const chronic = { opsp_dise_name: index === 3 ? '2型糖尿病' : '高血压', ...approved, ...times, fund_pay_sumamt: yuan(126_480) }
  return index > 3 ? [] : [chronic]
})

const maternity = ofInsured((_person, { index }) => {
  if (index > 3) return []
  const birth = { matn_date: '2025-02-18', fixmedins_name: '许昌市示例妇幼保健院', clr_optins: '许昌市医疗保障中心' }
  return [
    { ...birth, matn_trt_type: '02', alwn_days: 98, matn_trt_amt: yuan(1_862_000), pay_date: '2025-06-20' },
    { ...birth, matn_trt_type: '01', alwn_days: 0, matn_trt_amt: yuan(420_000), pay_date: '2025-03-25' },
  ]
})

const filings = ofInsured((_person, { index }) => [
  {
    filg_stas: index === 3 ? '1' : '2',
    fixmedins_name: '郑州示例医学院第一附属医院',
    begndate: '2025-01-06',
    enddate: index === 3 ? '2026-12-31' : '2025-12-31',
  },
])

const cases = ofInsured((_person, { index }) => [
  {
    case_no: `YB2026100${index}`,
    case_name: '异地就医备案',
    appy_time: '2026-10-20 14:05:00',
    case_stas: '02',
    curr_step: '经办机构复核',
    optins_name: '许昌市医疗保障中心',
    fnsh_time: '',
    case_rslt: '',
  },
  {
    case_no: `YB2025060${index}`,
    case_name: '门诊慢性病认定',
    appy_time: '2025-06-10 09:12:00',
    case_stas: '05',
    curr_step: '办结',
    optins_name: '许昌市医疗保障中心',
    fnsh_time: '2025-06-18 16:40:00',
    case_rslt: '符合条件，准予享受门诊慢性病待遇',
  },
])

/** The agency's records of the sandbox's invented people, in its own keys and forms. */
export const personalRows: Readonly<Record<string, Rows>> = {
  'medical-insurance-code': ofInsured((_person, { index }) => [
    {
      psn_cert_type: '01',
      ec_token: `410000100000SANDBOX000${index}`,
      ec_stas: '1',
      actv_time: '2021-04-02 11:20:31',
      expi_time: '2026-10-31 12:05:00',
    },
  ]),
  'account-balance': ofInsured(({ balance }) => [{ insutype: '310', balc: yuan(balance) }]),
  'personal-basic-information': ofInsured(({ base }, { index }) => [
    {
      insu_info: '职工基本医疗保险，正常参保，参保地许昌市市本级',
      clct_list: recentMonths(12).map((month) => contributionRow(base, month)),
      card_no: `D0000000${index}`,
    },
  ]),
  'personal-insurance-information': ofInsured(({ unit, base }) => [
    {
      insutype: '310',
      emp_name: unit.name,
      clct_list: recentMonths(12).map((month) => contributionRow(base, month)),
      psn_insu_stas: '1',
    },
  ]),
  contributions: ofInsured(({ base }) => recentMonths(24).map((month) => contributionRow(base, month))),
  'personal-insurance-certificate': certificate,
  'personal-insurance-certificate-printing': certificate,
  'outpatient-major-disease-approval': diseases,
  'outpatient-chronic-disease-approval': diseases,
  'maternity-benefits': maternity,
  'out-of-area-treatment-filing': filings,
  'case-progress': cases,
  // What the agency knows when an application comes in; number, times and states are the platform's to make up.
  'resident-enrolment': ofInsured(() => [{ enrl_year: 2027, insuplc_admdvs: '411002', psn_type: '1505', psn_clct_amt: yuan(40_000) }]),
}
