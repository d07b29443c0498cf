import { yuan } from '../../../core/connector.ts'
import { ofInsured, type Rows } from './insured.ts'

const HOSPITAL = '许昌市示例中心医院'
const PHARMACY = '示例大药房许昌一店'

interface Visit {
  readonly day: string
  readonly place: string
  readonly category: string
  /** Fen. */
  readonly total: number
  readonly fund: number
  readonly account: number
  readonly drugs: readonly (readonly [name: string, count: number, fee: number])[]
  readonly items: readonly (readonly [name: string, count: number, fee: number])[]
}

const visits: readonly Visit[] = [
  {
    day: '2026-09-12',
    place: PHARMACY,
    category: '41',
    total: 6_840,
    fund: 0,
    account: 6_840,
    drugs: [
      ['苯磺酸氨氯地平片', 2, 4_240],
      ['阿司匹林肠溶片', 1, 2_600],
    ],
    items: [],
  },
  {
    day: '2026-05-20',
    place: HOSPITAL,
    category: '11',
    total: 23_500,
    fund: 11_800,
    account: 11_700,
    drugs: [['缬沙坦胶囊', 2, 8_900]],
    items: [
      ['血常规', 1, 2_600],
      ['心电图检查', 1, 12_000],
    ],
  },
  {
    day: '2025-11-03',
    place: HOSPITAL,
    category: '21',
    total: 863_240,
    fund: 612_900,
    account: 80_000,
    drugs: [['注射用头孢呋辛钠', 12, 38_640]],
    items: [
      ['阑尾切除术', 1, 328_000],
      ['普通病房床位费', 6, 24_000],
    ],
  },
]

function consumption({ day, place, category, total, fund, account, drugs, items }: Visit) {
  const time = `${day} 10:26:00`
  return {
    setl_list: [
      {
        setl_time: time,
        fixmedins_name: place,
        med_type: category,
        medfee_sumamt: yuan(total),
        fund_pay_sumamt: yuan(fund),
        acct_pay: yuan(account),
        psn_cash_pay: yuan(total - fund - account),
      },
    ],
    drug_list: drugs.map(([name, count, fee]) => ({
      setl_time: time,
      drug_name: name,
      cnt: count,
      det_item_fee_sumamt: yuan(fee),
      fund_pay_sumamt: yuan(Math.round((fee * fund) / total)),
    })),
    item_list: items.map(([name, count, fee]) => ({ fee_ocur_time: time, hilist_name: name, cnt: count, det_item_fee_sumamt: yuan(fee) })),
  }
}

/** Everybody insured went to the pharmacy; only persons 1 to 3 saw a hospital. */
const ofPatient = (rows: (visit: Visit) => Record<string, unknown>[], from: readonly Visit[] = visits): Rows =>
  ofInsured((_person, { index }) => (index > 3 ? from.slice(0, 1) : from).flatMap(rows))

const stays = visits.filter(({ category }) => category === '21')

/** The agency's records of what the invented people's care cost, in its own keys and forms. */
export const careRows: Readonly<Record<string, Rows>> = {
  'consumption-records': ofPatient((visit) => [consumption(visit)]),
  'drug-purchase-records': ofPatient(({ day, drugs }) =>
    drugs.map(([name, count, fee]) => ({
      setl_time: day,
      fixmedins_name: PHARMACY,
      drug_name: name,
      cnt: count,
      det_item_fee_sumamt: yuan(fee),
    })),
  ),
  'hospitalisation-records': ofInsured((_person, { index }) =>
    index > 3
      ? []
      : stays.map(({ day, place, total }) => ({
          adm_time: day,
          fixmedins_name: place,
          adm_dept_name: '普通外科',
          diag_name: '急性阑尾炎',
          medfee_sumamt: yuan(total),
        })),
  ),
  'electronic-prescriptions': ofInsured((_person, { index }) =>
    index > 3
      ? []
      : [
          {
            hi_rxno: `RX2026052000${index}`,
            prsc_time: '2026-05-20',
            fixmedins_name: HOSPITAL,
            prsc_dept_name: '心血管内科',
            prsc_dr_name: '周示医',
            diag_name: '原发性高血压',
            rx_detl: [{ drug_genname: '缬沙坦胶囊', drug_spec: '80mg×7粒', drug_cnt: 2, medc_way: '口服，每日一次，每次一粒' }],
            rx_stas: '2',
            vali_end_time: '2026-05-23',
          },
        ],
  ),
}
