import { isRequired } from '../../core/contract/inputs.ts'
import { people } from '../../plugins/sandbox/people.ts'
import { bringFile } from './bring-file.ts'
import { pdfOf } from './file-bytes.ts'
import type { Hub } from './hub.ts'

/** The id of a file that nobody has brought: enough where a filing is refused before its papers are looked at. */
export const NO_PAPER = 'a0000000-0000-4000-8000-0000000000ff'

/** A filing with a small paper, brought by whoever files, for every input that must have one. */
export async function withPapers<T extends object>(hub: Hub, key: string, body: T, as: Parameters<Hub['token']>[0] = {}): Promise<T> {
  const inputs = Object.entries(hub.app.services.get(key)?.contract.inputs ?? {})
  const needed = inputs.filter(([, { notes }]) => notes.type === 'file' && isRequired(notes, body as Record<string, unknown>))
  const brought: Record<string, string> = {}
  for (const [name] of needed) brought[name] = await bringFile(hub, pdfOf(64), as)
  return { ...body, ...brought }
}

const agreed = { dataCheckConsent: '2026-11', truthDeclaration: '2026-11' }
const facts: Readonly<Record<string, object>> = {
  'overseas-settlement-withdrawal': {
    destinationCountry: '新西兰',
    settlementDate: '2026-09-01',
    settlementPaperType: '1',
    settlementPaperNumber: 'HZ2026000001',
    settlementPaper: NO_PAPER,
  },
  'incapacity-withdrawal': { appraisalNumber: 'XCLJ2026000005', appraisalDate: '2026-05-11', appraisalGrade: '2', appraisal: NO_PAPER },
  'rental-housing-withdrawal': {
    withdrawalAmount: 1000,
    rentalType: '2',
    leaseFilingNumber: 'ZL2026000018',
    monthlyRent: 1200,
    leaseStart: '2026-01-01',
    leaseEnd: '2026-12-31',
    maritalStatus: '10',
    noHomeDeclaration: '2026-11',
    lease: NO_PAPER,
    noHomePaper: NO_PAPER,
  },
  'employment-termination-withdrawal': { terminationDate: '2026-03-31', householdRegistration: '2', terminationPaper: NO_PAPER },
  'retirement-withdrawal': { retirementDate: '2020-03-15', retirementApprovalNumber: 'TX2020000003', retirementPaper: NO_PAPER },
}

/** Own bank accounts of the sandbox's people, by index. */
export const bankAccounts = [
  '',
  '90000000000000019',
  '90000000000000027',
  '90000000000000035',
  '90000000000000043',
  '90000000000000050',
  '90000000000000068',
]

/** What a withdrawal takes, but for the code and its papers. */
export const withdrawalBody = (service: string, person = 1): Record<string, unknown> => ({
  targetBankAccount: bankAccounts[person] ?? bankAccounts[1],
  targetBankName: '示例银行许昌分行',
  targetBankCode: '102491000013',
  ...agreed,
  ...facts[service],
})

const land = { truthDeclaration: '2026-11', applicantRole: '1' }

/** What filings of the zone take where nobody else has to agree, but for their papers. */
export const registrationBodies = {
  'first-registration': {
    ...land,
    propertyUnitNumber: '411002001001GB00001F00010001',
    rightType: '4',
    registrationReason: '1',
    rightSourceDocumentNumber: 'XCTD2020000001',
    propertyLocation: { division: '411002', detail: '示例路18号' },
    buildingArea: '128.50',
    rightSourceDocument: NO_PAPER,
    planningDocument: NO_PAPER,
    survey: NO_PAPER,
  },
  'mortgage-registration': {
    ...land,
    propertyCertificateNumber: 'Q1',
    mortgageContractNumber: 'D1',
    mortgageMethod: '1',
    securedPrincipalClaimAmount: 625_000.5,
    mortgageeName: '示例银行许昌分行',
    mortgageeCreditCode: '91411000MA0000015J',
    debtPeriodStart: '2026-11-01',
    debtPeriodEnd: '2046-11-01',
    securedScope: '主债权、利息和实现抵押权的费用',
    mortgageContract: NO_PAPER,
    loanContract: NO_PAPER,
  },
} as const

/** Whoever is eligible for it in the sandbox. */
export const withdrawers: Readonly<Record<string, number>> = {
  'overseas-settlement-withdrawal': 4,
  'incapacity-withdrawal': 5,
  'rental-housing-withdrawal': 1,
  'employment-termination-withdrawal': 6,
  'retirement-withdrawal': 3,
}

/** Has a code sent, as if the last one had been long ago, and reads it from the phone. */
export async function receiveCode({ app, post }: Hub, service: string, person = 1): Promise<string> {
  await app.database('filing_codes').update({ sent_at: app.database.raw('sent_at - 90000') })
  const sent = await post(`/v1/housing-fund/${service}/verification-code`, { person })
  if (sent.statusCode !== 201) throw new Error(sent.body)
  const { otp } = app.services.get(`housing-fund.${service}`)?.contract.submission ?? {}
  return app.sandbox?.codes().get(`${otp?.sid}/${people[person - 1]?.number}`) ?? ''
}

/** A withdrawal as somebody files it who has read the form. */
export async function withdraw(hub: Hub, service: string, { person = 1, key, more = {} }: { person?: number; key: string; more?: object }) {
  const verificationCode = await receiveCode(hub, service, person)
  const given = { ...withdrawalBody(service, person), verificationCode, ...more }
  const body = await withPapers(hub, `housing-fund.${service}`, given, { person })
  return hub.post(`/v1/housing-fund/${service}`, { person, headers: { 'idempotency-key': key }, body })
}
