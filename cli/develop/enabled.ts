interface Listed {
  readonly id: string
  readonly name: string
  readonly services: readonly { readonly service: string }[]
}

/** → what a hub that runs offers: how much in all, and by name the connectors in `changed`. */
export async function enabledAt(address: string, changed: readonly string[]): Promise<string[]> {
  const response = await fetch(`${address}/v1/catalog`)
  const { data } = (await response.json()) as { data: readonly Listed[] }
  const services = data.reduce((sum, connector) => sum + connector.services.length, 0)
  return [
    `已启用 ${data.length} 个连接器，共 ${services} 项服务`,
    ...changed.map((id) =>
      lineOf(
        id,
        data.find((each) => each.id === id),
      ),
    ),
  ]
}

function lineOf(id: string, connector: Listed | undefined): string {
  if (!connector) return `  刚改动的 ${id}：没有启用`
  const { name, services } = connector
  return `  刚改动的 ${name}（${id}）：${services.length} 项服务 ${services.map(({ service }) => service).join(' ')}`
}
