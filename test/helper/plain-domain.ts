import { AsyncLocalStorage, AsyncResource, executionAsyncResource } from 'node:async_hooks'

/**
 * In place of `async-hook-domain`, by which tap learns what a test threw when nobody was there to catch it. That one follows
 * every promise there is, which takes a tenth of all that tests take of the processors; here V8 itself carries along which test
 * something belongs to.
 */
type OnError = (error: unknown, type: string) => void
type Scope = <T>(work: (...values: unknown[]) => T, self?: unknown, ...values: unknown[]) => T

const current = new AsyncLocalStorage<Domain>()
const open = new Set<Domain>()

export class Domain {
  readonly onerror: OnError
  readonly #parent = current.getStore()

  constructor(onerror: OnError) {
    this.onerror = onerror
    // tap makes a domain inside what it runs the test in.
    const scope = executionAsyncResource()
    if (scope instanceof AsyncResource) {
      const run = scope.runInAsyncScope.bind(scope) as Scope
      const runHere: Scope = (work, self, ...values) => run(() => current.run(this, () => work.apply(self, values)))
      Object.assign(scope, { runInAsyncScope: runHere })
    }
    open.add(this)
    if (open.size > 1) return
    process.on('uncaughtExceptionMonitor', onUncaught)
    process.on('unhandledRejection', onRejection)
  }

  destroy(): void {
    if (!open.delete(this) || open.size > 0) return
    process.off('uncaughtExceptionMonitor', onUncaught)
    process.off('unhandledRejection', onRejection)
  }

  /** Whoever outlives his test is its parent's; whose nobody knows, the first one's. */
  static concerned(): Domain | undefined {
    let domain = current.getStore()
    while (domain && !open.has(domain)) domain = domain.#parent
    return domain ?? [...open][0]
  }
}

/** What tap has heard of ends no process. */
function onUncaught(error: unknown, type: string): void {
  if (process.hasUncaughtExceptionCaptureCallback() || process.listenerCount('uncaughtException') > 0) return
  Domain.concerned()?.onerror(error, type)
  process.setUncaughtExceptionCaptureCallback(() => process.setUncaughtExceptionCaptureCallback(null))
}

function onRejection(error: unknown): void {
  if (process.listenerCount('unhandledRejection') === 1) Domain.concerned()?.onerror(error, 'unhandledRejection')
}
