import createClient from 'openapi-fetch'
import type { components, paths } from './generated/apps.d.ts'

/** What an app team writes with a client generated from the hub's document; test/plugins/openapi/client.test.ts compiles and runs it. */
export async function use(
  baseUrl: string,
  token: string,
  key: string,
  verificationCode: string,
  papers: { lease: string; noHomePaper: string },
) {
  const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } })

  const account = await client.GET('/v1/housing-fund/personal-account')
  const balance: number | undefined = account.data?.data.accountBalance
  const status: components['schemas']['CodeValue'] | null | undefined = account.data?.data.personalAccountStatus
  // @ts-expect-error a field that the service does not have
  account.data?.data.balanceOfSomebodyElse

  const movements = await client.GET('/v1/housing-fund/personal-transactions', { params: { query: { page: 1, pageSize: 5 } } })
  const rows: components['schemas']['HousingFundPersonalTransactions'][] = movements.data?.data ?? []
  const total: number | undefined = movements.data?.meta.page?.total

  const refused = await client.GET('/v1/housing-fund/personal-account', { headers: { authorization: null } })
  const code: string | undefined = refused.error?.code

  const body = {
    targetBankAccount: '90000000000000019',
    targetBankName: '示例银行许昌分行',
    targetBankCode: '102491000013',
    dataCheckConsent: '2026-11',
    truthDeclaration: '2026-11',
    withdrawalAmount: 1000,
    rentalType: '2',
    leaseFilingNumber: 'ZL2026000018',
    monthlyRent: 1200,
    leaseStart: '2026-01-01',
    leaseEnd: '2026-12-31',
    maritalStatus: '10',
    noHomeDeclaration: '2026-11',
    verificationCode,
    ...papers,
  } as const
  const path = '/v1/housing-fund/rental-housing-withdrawal'
  // @ts-expect-error a filing needs its key
  const keyless = await client.POST(path, { body })
  const filed = await client.POST(path, { params: { header: { 'Idempotency-Key': key } }, body })
  const id: string | undefined = filed.data?.data.id

  const file = await client.GET('/v1/{connector}/{service}', {
    params: { path: { connector: 'housing-fund', service: 'personal-transactions' }, query: { format: 'csv' } },
    parseAs: 'text',
  })
  // @ts-expect-error an administrator's operation is in the other document
  await client.GET('/admin/users')

  return {
    account: { balance, status: status?.name },
    movements: { rows: rows.length, total },
    refused: { status: refused.response.status, code },
    keyless: { status: keyless.response.status, code: keyless.error?.code },
    filed: { status: filed.response.status, id, location: filed.response.headers.get('location'), error: filed.error?.code },
    file: { type: file.response.headers.get('content-type'), text: String(file.data) },
  }
}
