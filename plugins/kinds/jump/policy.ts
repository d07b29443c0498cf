/** A code of the agency's, good once and for moments: asked for with the user's own facts or token, never a token itself. */
export interface TicketHandOver<F> {
  by: 'ticket'
  /** The field in which the agency answers it. */
  field: keyof F & string
  /** What the page calls it. */
  parameter: string
  /** How the browser carries it: in the query string, behind `#` where no server logs it, or in a form. Default `query`. */
  carrier?: 'query' | 'fragment' | 'form'
}

/** The agency signs its users in at the hub (OpenID Connect Core §4): it is told by whom, and asks itself. */
export interface SignInHandOver {
  by: 'sign-in'
  /** Where the agency begins a sign-in, behind its pages. */
  path: string
}

/** A page for everybody: nobody is asked, nothing is handed over, and the answer is the page's own address. */
export interface OpenPage {
  by: 'none'
}

/** How a browser comes to a page of the agency's own, and what the agency knows its user by there. */
export interface JumpPolicy<F> {
  /** The page, behind the address of the agency's pages. An input stands in it as `{name}`. */
  page: string
  handOver: TicketHandOver<F> | SignInHandOver | OpenPage
  /** Parameter by which the page is told where to send the user back. */
  returnParameter?: string
}

declare module '../../../core/contract/types.ts' {
  interface Kinds {
    /** A way to a page of the agency's own. */
    jump: true
  }
  interface KindPolicies<F> {
    /** With kind `jump`: which page, and how its user is handed over. */
    jump?: JumpPolicy<F>
  }
}
