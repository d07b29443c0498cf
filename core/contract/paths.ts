/** Names of the inputs in a service's path: `loanId` of `loans/{loanId}/renew`. */
export function namesInPath(path: string | undefined): string[] {
  return path === undefined ? [] : [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)
}
