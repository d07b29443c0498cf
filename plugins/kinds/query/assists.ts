import type { KindSubject } from '../../declarations/kind-rules.ts'

declare module '../../../core/contract/types.ts' {
  interface KindPolicies<F> {
    /**
     * With a kind that asks: ids of the services whose demands it helps to meet, where those ask for more than one answer holds: a
     * trial calculation (试算) on a loan, the list of persons behind a firm's figures.
     */
    assists?: readonly string[]
  }
}

export function checkAssists({ connector, contract, own, report }: KindSubject): void {
  const { assists, id } = contract
  if (!own || !assists) return
  if (assists.length === 0) report('assists names no service')
  for (const name of assists)
    if (name === id || !connector.services.some(({ contract }) => contract.id === name)) report(`assists no service: ${name}`)
}
