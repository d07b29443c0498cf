import { part } from '../../route-kit/part.ts'
import { type SecuritySettings, securitySettingsSchema, securityVersion } from '../../users/security/settings.ts'
import { writeSecurity } from '../../users/security/store.ts'
import { change } from '../change.ts'

/** 安全配置 as a whole: whoever weakens it weakens every account. */
export const securitySettings = change({
  title: '修改安全设置',
  permission: 'security-settings.change',
  payload: part.input({ version: securityVersion, settings: securitySettingsSchema }, ['version', 'settings']),
  concerns: () => [],
  target: ({ version }) => `security-settings:${version}`,
  facts: ({ settings }) => factsOf(settings),
  async apply(transaction, payload, { userId, reason }, { security }) {
    const version = await writeSecurity(transaction, payload, { userId, reason })
    return { result: String(version), after: () => security.refresh() }
  },
})

function factsOf({ lockOut, captchaAfter, methods, password, highRisk }: SecuritySettings) {
  return {
    lockOut: `${lockOut.failures}/${lockOut.windowMinutes}min/${lockOut.minutes}min`,
    captchaAfter: String(captchaAfter),
    methods,
    password: [`minLength=${password.minLength}`, ...password.classes, `history=${password.history}`, `maxAgeDays=${password.maxAgeDays}`],
    highRisk: Object.entries(highRisk).map(([rule, answer]) => `${rule}=${answer}`),
  }
}
