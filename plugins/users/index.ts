import fp from 'fastify-plugin'
import { type Agents, createAgents } from '../mandates/agents.ts'
import { createEnterpriseRegistry, type EnterpriseRegistry } from '../mandates/enterprise-registry.ts'
import { createEnterprises, type Enterprises } from '../mandates/enterprises.ts'
import { createHolders, type Holders } from '../mandates/holders.ts'
import { createKin, type Kin } from '../mandates/kin.ts'
import { createPeople, type People } from './people.ts'
import { type Administrators, createAdministrators } from './roles.ts'
import { createSecondFactor, type SecondFactor } from './second-factor.ts'

declare module 'fastify' {
  interface FastifyInstance {
    people: People
    enterprises: Enterprises
    agents: Agents
    holders: Holders
    kin: Kin
    administrators: Administrators
    secondFactor: SecondFactor
    /** null where the operator has switched it off. */
    enterpriseRegistry: EnterpriseRegistry | null
  }
}

/** Users, enterprises, who may act for whom, and who administers them. */
export default fp(
  async (app) => {
    const { database, vault } = app
    app.decorate('people', createPeople(database, vault, app.users, app.endSessions))
    app.decorate('enterprises', createEnterprises(database, vault))
    app.decorate('agents', createAgents(database, vault))
    app.decorate('holders', createHolders(database, vault))
    app.decorate('kin', createKin(database, vault))
    app.decorate('administrators', createAdministrators(database))
    app.decorate('secondFactor', createSecondFactor(database, vault))
    const service = app.internal.services.get('registry.enterprises')
    const upstream = service && app.upstreams.get(service.system)
    app.decorate('enterpriseRegistry', service && upstream ? createEnterpriseRegistry(service, upstream) : null)
  },
  { name: 'identity', dependencies: ['connectors', 'database', 'auth', 'upstreams'] },
)
