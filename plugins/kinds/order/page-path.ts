/** Where an order is paid in a browser; who may see it there, the visit says. */
export const pagePath = (number: string) => `/pay/${number}`

/** To which the channels send the citizen back: it asks how the order stands, whatever the address brings along. */
export const resultPath = (number: string) => `${pagePath(number)}/result`

export const openPath = (code: string) => `/pay/open?code=${code}`

/** Visits to the pages of orders, each about one number. */
export const orderVisits = { name: 'order', path: '/pay' } as const
