import fp from 'fastify-plugin'
import type { Settings } from '../config/settings.ts'

declare module 'fastify' {
  interface FastifyInstance {
    settings: Settings
  }
}

/** Hands the settings to every other plugin. */
export default fp<{ settings: Settings }>(
  async (app, { settings }) => {
    app.decorate('settings', settings)
  },
  { name: 'settings' },
)
