import { addDays, type SandboxRow, type SandboxRows, yuan } from '../../../core/connector.ts'
import { dashed, ofInsured } from './insured.ts'
import { billOf, type Visit, visitsOf } from './visits.ts'

function consumption(visit: Visit): SandboxRow {
  const { day, settled, place, category, drugs, items } = visit
  const { total, fund, account, cash } = billOf(visit)
  const time = `${dashed(settled)} 16:26:00`
  return {
    setl_list: [
      {
        setl_time: time,
        fixmedins_name: place,
        med_type: category,
        medfee_sumamt: yuan(total),
        fund_pay_sumamt: yuan(fund),
        acct_pay: yuan(account),
        psn_cash_pay: yuan(cash),
      },
    ],
    drug_list: drugs.map(([name, count, fee]) => ({
      setl_time: time,
      drug_name: name,
      cnt: count,
      det_item_fee_sumamt: yuan(fee),
      fund_pay_sumamt: yuan(Math.round((fee * fund) / total)),
    })),
    item_list: items.map(([name, count, fee]) => ({
      fee_ocur_time: `${dashed(day)} 10:05:00`,
      hilist_name: name,
      cnt: count,
      det_item_fee_sumamt: yuan(fee),
    })),
  }
}

const ofPatient = (rows: (visit: Visit, number: string) => readonly SandboxRow[]): SandboxRows =>
  ofInsured((person, { index }) => visitsOf(person).flatMap((visit) => rows(visit, `${visit.day}${index}`)))

const STAYS = new Set(['21', '52'])

/** The agency's records of what the invented people's care cost, in its own keys and forms. */
export const careRows: Readonly<Record<string, SandboxRows>> = {
  'consumption-records': ofPatient((visit) => [consumption(visit)]),
  // What a hospital gives during a stay is on its bill; what one takes home was bought where one got it.
  'drug-purchase-records': ofPatient(({ settled, place, category, drugs }) =>
    category === '41' || category === '11'
      ? drugs.map(([name, count, fee]) => ({
          setl_time: dashed(settled),
          fixmedins_name: place,
          drug_name: name,
          cnt: count,
          det_item_fee_sumamt: yuan(fee),
        }))
      : [],
  ),
  'hospitalisation-records': ofPatient((visit) =>
    STAYS.has(visit.category)
      ? [
          {
            adm_time: dashed(visit.day),
            fixmedins_name: visit.place,
            adm_dept_name: visit.department,
            diag_name: visit.diagnosis,
            medfee_sumamt: yuan(billOf(visit).total),
          },
        ]
      : [],
  ),
  'electronic-prescriptions': ofPatient(({ day, place, category, department, diagnosis, drugs }, key) =>
    category === '11'
      ? [
          {
            hi_rxno: `RX${key}`,
            prsc_time: dashed(day),
            fixmedins_name: place,
            prsc_dept_name: department,
            prsc_dr_name: '周示医',
            diag_name: diagnosis,
            rx_detl: drugs.map(([name, count]) => ({
              drug_genname: name,
              drug_spec: '每盒14片',
              drug_cnt: count,
              medc_way: '口服，每日一次，每次一片',
            })),
            rx_stas: '2',
            vali_end_time: dashed(addDays(day, 3)),
          },
        ]
      : [],
  ),
}
