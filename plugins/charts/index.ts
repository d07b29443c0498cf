import fp from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
import type { Chart } from './chart.ts'

declare module 'fastify' {
  interface FastifyInstance {
    charts: {
      /** Draws charts as SVG for a page, in their order. Throws HUB_EXPORT_BUSY and HUB_RATE_LIMITED as the workshop does. */
      draw(user: string, charts: readonly Chart[]): Promise<string[]>
    }
  }
}

/** Drawn ones that are kept: boards and pages ask for the same again. Each is some ten thousand characters. */
const KEPT = 200

/** Charts without script, drawn beside the thread that answers calls (docs/statistics.md). */
export default fp(
  async (app) => {
    const drawn = new LRUCache<string, string>({ max: KEPT })

    async function drawOthers(user: string, charts: readonly Chart[]): Promise<void> {
      // Beside his exports: a page must not wait until somebody has read his file.
      const place = app.workshop.enter(`charts:${user}`, 'HUB_EXPORT_BUSY')
      try {
        const made = JSON.parse(String(await place.print({ type: 'charts', charts }))) as string[]
        for (const [index, chart] of charts.entries()) drawn.set(JSON.stringify(chart), made[index] ?? '')
      } finally {
        place.leave()
      }
    }

    app.decorate('charts', {
      async draw(user, charts) {
        const others = charts.filter((chart) => !drawn.has(JSON.stringify(chart)))
        if (others.length > 0) await drawOthers(user, others)
        return charts.map((chart) => drawn.get(JSON.stringify(chart)) ?? '')
      },
    })
  },
  { name: 'charts', dependencies: ['workshop'] },
)
