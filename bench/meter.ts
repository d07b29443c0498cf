import { type Profiler, Session } from 'node:inspector/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What a process holds once its garbage is collected: bytes of heap, and handles such as sockets and timers. */
export interface Memory {
  heap: number
  resources: number
}

/**
 * Preloaded (`--import`) into every process of a run: tells how much CPU time its process has used,
 * all threads included, and profiles it on demand. It costs nothing between questions.
 */
export interface Answers {
  /** Microseconds since the start of the process. */
  cpu: number
  memory: Memory
  profile: null
  profiled: Profiler.Profile
}

const session = new Session()

const answers: { [Q in keyof Answers]: () => Promise<Answers[Q]> } = {
  async cpu() {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  async memory() {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    collect()
    collect()
    return { heap: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo().length }
  },
  async profile() {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: 500 })
    await session.post('Profiler.start')
    return null
  },
  async profiled() {
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    return profile
  },
}

process.on('message', (question: keyof Answers) => {
  answers[question]?.().then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => console.error(error),
  )
})
// The run is over, in whatever way: nothing of it stays behind.
process.on('disconnect', () => process.exit())
