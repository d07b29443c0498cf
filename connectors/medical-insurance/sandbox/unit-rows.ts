import { yuan } from '../../../core/connector.ts'
import { ofUnit, type Rows, recentMonths, type Unit, unitMonth } from './insured.ts'

/** Employees of an enterprise who are people of the sandbox. */
const staff: Readonly<Record<string, readonly (readonly [name: string, number: string])[]>> = {
  '91411000MA0000015J': [
    ['贾明', '41100219900101000X'],
    ['孙拟远', '411081200002290008'],
  ],
  '91411000MA0000023D': [
    ['甄晓禾', '411003198512310006'],
    ['赵示安', '411024200108150006'],
  ],
  '91411000MA00000318': [
    ['欧阳试之', '411023196003150004'],
    ['钱虚怀', '411025197811090000'],
  ],
}

const information = ofUnit(({ people }) =>
  (
    [
      ['310', '普通门诊、门诊慢特病、住院、定点药店购药'],
      ['510', '生育医疗费用、生育津贴'],
    ] as const
  ).map(([insurance, coverage]) => ({ psn_cnt: people, insutype: insurance, clct_stas: '按月足额缴费，无欠费', cvrg_scp: coverage })),
)

function contributions({ people, base }: Unit) {
  const { employer, employee } = unitMonth(people, base)
  return recentMonths(12).map((month) => ({ clct_ym: month, psn_cnt: people, emp_paid_amt: yuan(employer), psn_paid_amt: yuan(employee) }))
}

const certificate = ofUnit((unit) => [
  {
    psn_list: (staff[unit.uscc] ?? []).map(([name, number]) => ({ psn_name: name, certno: number, insutype: '310', psn_insu_stas: '1' })),
    emp_insu_stas: '1',
    emp_no: `4110${unit.uscc.slice(-6, -1)}`,
    clct_list: contributions(unit),
    cert_file: [{ id: `DWCBZM${unit.uscc.slice(-4)}`, name: '单位参保证明.pdf', mediaType: 'application/pdf' }],
  },
])

/** The platform's records of the sandbox's invented units, in its own keys and forms. */
export const unitRows: Readonly<Record<string, Rows>> = {
  'employer-insurance-information': information,
  'employer-insurance-certificate-printing': certificate,
}
