// npm's oidc-provider with its own sign-in pages, for the tests of federation.
import fs from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.MODULES + '/');
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const people = {
  ada: { email: 'ada@acme.example', email_verified: true, groups: ['analysts', 'staff'] },
  bob: { email: 'bob@acme.example', email_verified: true, groups: ['developers'] },
  eve: { email: 'analyst@acme.example', email_verified: false, groups: ['analysts'] },
  sam: { email: 'sam@acme.example', email_verified: true, groups: ['strangers'] },
};
const client = (client_id) => ({
  client_id, client_secret: 'secret', grant_types: ['authorization_code'], response_types: ['code'],
  redirect_uris: ['https://app.example/back'],
});
const provider = new Provider(`https://localhost:${process.env.PORT}`, {
  clients: [client('hatidata'), client('another-app')],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['test'] },
  findAccount: (ctx, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
});
https.createServer({ cert: fs.readFileSync(process.env.CERT), key: fs.readFileSync(process.env.KEY) }, provider.callback())
  .listen(Number(process.env.PORT), '127.0.0.1');
