// A whole pulse through types made from the contract; what a mistake would be is marked, and must not compile.
import createClient from "openapi-fetch";
import type { paths, components } from "./contract.js";

declare const process: { argv: string[]; exit(code: number): never };

const [url, key] = process.argv.slice(2) as [string, string];
const hr = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });
const anyone = createClient<paths>({ baseUrl: url });

function must<T>(reply: { data?: T; error?: unknown }): T {
  if (reply.data === undefined) throw new Error(JSON.stringify(reply.error));
  return reply.data;
}

await hr.PUT("/v1/roster", {
  body: { units: [{ id: "acme", headcount: 0 }, { id: "t1", parent: "acme", headcount: 6 }] },
});
const pulse = must(await hr.POST("/v1/pulses", { body: { instrument: "five-blocks", items: ["WB1", "PS1"] } }));
const path = { pulse: pulse.id };
const issued = must(await hr.POST("/v1/pulses/{pulse}/invitations", { params: { path } }));
must(await hr.POST("/v1/pulses/{pulse}/open", { params: { path } }));
for (const token of issued.invitations.flatMap((it) => it.tokens)) {
  const sent = await anyone.POST("/v1/pulses/{pulse}/responses", {
    params: { path },
    body: { token, answers: { WB1: 3, PS1: 4 } },
  });
  if (sent.response.status !== 204) throw new Error(String(sent.response.status));
}
const refused = await anyone.POST("/v1/pulses/{pulse}/responses", { params: { path }, body: { token: "x", answers: {} } });
const problem: components["schemas"]["Problem"] | undefined = refused.error;
if (problem === undefined || typeof problem.type !== "string") throw new Error("a problem is told as one");
must(await hr.POST("/v1/pulses/{pulse}/close", { params: { path } }));
must(await hr.POST("/v1/pulses/{pulse}/release", { params: { path } }));

const results = must(await hr.GET("/v1/results", { params: { query: { pulse: pulse.id, unit: "t1" } } }));
if (typeof results === "string") throw new Error("JSON was asked for");
const row: components["schemas"]["ResultsRow"] | undefined = results.data.find((it) => it.block === "safety");
const n: number | null = row?.n ?? null;

// @ts-expect-error a score may be null
const score: number = results.data[0]!.score;
// @ts-expect-error there is no such column
results.data[0]!.person;
// @ts-expect-error answers are whole numbers by item
await anyone.POST("/v1/pulses/{pulse}/responses", { params: { path }, body: { token: "x", answers: "all fours" } });
// @ts-expect-error there is no such path
await hr.GET("/v1/people/scores");

console.log(JSON.stringify({ n, score: row?.score ?? null, unused: typeof score }));
process.exit(0);
