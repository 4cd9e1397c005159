// A real OpenID Connect provider (npm `oidc-provider`) for the tests of signing in.
//
// node provider.mjs PATH-OF-oidc-provider CONFIG
// CONFIG is JSON: {clients, accounts: {sub: claims}, seed, acr}. Prints one line of JSON when it listens.
//
// What no honest provider does is asked of it by POST /test/crook: the ID tokens of the next answers are then changed and signed
// again, with its own key or in another way. POST /test/rotate makes it sign with a new key.
import { createServer } from 'node:http';
import { createHmac, generateKeyPairSync, sign as signature } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [, , library, text] = process.argv;
const { default: Provider } = await import(pathToFileURL(`${library}/lib/index.js`));
const config = JSON.parse(text);
const accounts = config.accounts;

const makeKey = (kid) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { key: privateKey, jwk: { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' } };
};
let key = makeKey('one');
const stranger = makeKey('one');
let crook = null;

const server = createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const make = (header, claims) => {
  const signed = `${b64(header)}.${b64(claims)}`;
  switch (header.alg) {
    case 'none': return `${signed}.`;
    case 'HS256': {
      const pem = key.key.export === undefined ? '' : JSON.stringify(key.jwk.n);
      return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
    }
    default: {
      const by = crook?.stranger ? stranger.key : key.key;
      return `${signed}.${signature('sha256', Buffer.from(signed), by).toString('base64url')}`;
    }
  }
};

let provider;
const build = () => {
  provider = new Provider(issuer, {
    clients: config.clients,
    jwks: { keys: [key.jwk] },
    cookies: { keys: ['test'] },
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time', 'sid'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    scopes: ['openid', 'profile', 'email', 'groups'],
    acrValues: ['phr', 'pwd'],
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      clientCredentials: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    ttl: { Session: 3600, Interaction: 600, Grant: 3600, IdToken: 600, AccessToken: 600, AuthorizationCode: 60, ClientCredentials: 600 },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, sub) => (accounts[sub] ? { accountId: sub, claims: () => ({ sub, ...accounts[sub] }) } : undefined),
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid profile email groups');
      await grant.save();
      return grant;
    },
    // The tests' own service is on loopback.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
  });
  provider.on('server_error', (_, error) => console.error(error));
  provider.on('backchannel.error', (_, error) => console.error(error));
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === '/token' && crook && ctx.body?.id_token) {
      const [head, payload] = ctx.body.id_token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
      ctx.body.id_token = make({ ...head, ...crook.header }, { ...payload, ...crook.claims });
    }
  });
  return provider.callback();
};
let callback = build();

const body = (request) => new Promise((done) => {
  let whole = '';
  request.on('data', (part) => { whole += part; });
  request.on('end', () => done(whole));
});

server.on('request', async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  try {
    if (pathname.startsWith('/test/')) {
      const asked = JSON.parse((await body(request)) || 'null');
      if (pathname === '/test/crook') crook = asked;
      if (pathname === '/test/account') Object.assign(accounts, asked);
      if (pathname === '/test/rotate') { key = makeKey(asked.kid); callback = build(); }
      response.end(pathname === '/test/sign' ? make(asked.header, asked.claims) : 'done');
    } else if (pathname.startsWith('/interaction/')) {
      if (request.method === 'POST') {
        const login = new URLSearchParams(await body(request)).get('login');
        const asked = accounts[login] ?? {};
        await provider.interactionFinished(request, response, {
          login: { accountId: login, acr: asked.acr, amr: asked.amr ?? ['pwd'], remember: true },
        });
      } else {
        await provider.interactionDetails(request, response);
        response.setHeader('content-type', 'text/html');
        response.end('<form method="post"><input name="login" id="login"><button id="go">Sign in</button></form>');
      }
    } else {
      callback(request, response);
    }
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
    response.end(String(error));
  }
});
console.log(JSON.stringify({ issuer }));
