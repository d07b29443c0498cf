/** Code lists of the register of employment; the contract names their values, nothing public their codes. All are open. */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待就业服务中心确认'

export const statuses = codeList(`合同 1.4.9.1 当前就业状态，${OWN}`, { '1': '在岗', '2': '失业', '3': '退休' })

export const forms = codeList(`合同 1.4.9.1 就业形式，${OWN}`, { '1': '单位就业', '2': '灵活就业', '3': '自主创业' })
