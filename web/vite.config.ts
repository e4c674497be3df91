/** How the page is built into ../static, served while it is written, and tested. */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const SERVER = process.env['REALTIME_DEV_SERVER'] ?? 'http://127.0.0.1:8000';
const EMOJI_LANGUAGES = ['en', 'de'];
const EMOJI_FILES = ['data.json', 'messages.json'];

const require = createRequire(import.meta.url);
const emojiVersion: string = require('emojibase-data/package.json').version;
/** Holds the version, so it may be kept for ever like every other file below assets/. */
const EMOJI_PATH = `assets/emojibase-${emojiVersion}`;

/** Serves the emoji picker's data from this server: its own default is somebody else's. */
function emojiData(): Plugin {
  const files = new Map(
    EMOJI_LANGUAGES.flatMap((language) =>
      EMOJI_FILES.map((file) => [
        `${EMOJI_PATH}/${language}/${file}`,
        require.resolve(`emojibase-data/${language}/${file}`),
      ]),
    ),
  );
  return {
    name: 'realtime:emoji-data',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const source = files.get((request.url ?? '').slice(1).split('?')[0] ?? '');
        if (source === undefined) return next();
        response.setHeader('Content-Type', 'application/json');
        createReadStream(source).pipe(response);
      });
    },
    generateBundle() {
      for (const [fileName, source] of files) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(source) });
      }
    },
  };
}

/** Puts back the file that keeps the empty folder in git: a build empties it first. */
function keptFolder(): Plugin {
  return {
    name: 'realtime:kept-folder',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: '.gitkeep', source: '' });
    },
  };
}

/** In which order the stylesheets give way to each other, whichever of them arrives first. */
const LAYERS = '@layer base, ui, parts, app, features;';

function layers(): Plugin {
  return {
    name: 'realtime:layers',
    enforce: 'pre',
    transform: (code, id) => (/\/src\/.*\.css$/.test(id) ? LAYERS + code : undefined),
  };
}

/** Tells the service worker which files this build is made of. */
function worker(): Plugin {
  return {
    name: 'realtime:worker',
    enforce: 'post',
    apply: 'build',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle);
      const page = files.find((file) => file.type === 'chunk' && file.name === PAGE);
      const script = files.find((file) => file.type === 'chunk' && file.name === WORKER);
      if (page?.type !== 'chunk' || script?.type !== 'chunk') this.error('no page, or no worker');
      const first = new Set([page.fileName, ...page.imports, ...FONT_OF(Object.keys(bundle))]);
      for (const path of [...first]) {
        const file = bundle[path];
        if (file?.type === 'chunk')
          for (const css of file.viteMetadata?.importedCss ?? []) first.add(css);
      }
      const all = Object.keys(bundle).filter((path) => path.startsWith('assets/'));
      const build = {
        version: '',
        first: [...first].map((path) => `/${path}`).sort(),
        later: all
          .filter((path) => !first.has(path))
          .map((path) => `/${path}`)
          .sort(),
      };
      // All names but that of the worker hold a hash of what is inside.
      const digest = createHash('sha256').update(JSON.stringify(build)).update(script.code);
      build.version = digest.digest('hex').slice(0, 12);
      script.code = script.code.replaceAll('__BUILD__', JSON.stringify(build));
    },
  };
}

/**
 * Which file a module belongs to: all that the page begins with is one. Left to itself the bundler
 * makes a file of each module that a later part shares, since the page waits for its language.
 */
function fileOf(id: string, modules: Modules): string | null {
  const seen = new Set<string>();
  const ahead = [id];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (next.endsWith('/src/app/main.tsx')) return 'main';
    if (seen.has(next)) continue;
    seen.add(next);
    ahead.push(...(modules.getModuleInfo(next)?.importers ?? []));
  }
  return null;
}

interface Modules {
  getModuleInfo(id: string): { importers: string[] } | null;
}

const PAGE = 'index';
const WORKER = 'sw';
/** The letters that every page is written with; the others come when they are needed. */
const FONT_OF = (paths: readonly string[]) =>
  paths.filter((path) => /latin-wght-normal.*\.woff2$/.test(path) && !path.includes('latin-ext'));

export default defineConfig({
  plugins: [react(), emojiData(), keptFolder(), layers(), worker()],
  define: { __EMOJI_DATA_URL__: JSON.stringify(`/${EMOJI_PATH}`) },
  build: {
    outDir: '../static',
    emptyOutDir: true,
    target: 'es2023',
    // The first with light-dark() and :has(); older ones would get every colour twice.
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    sourcemap: false,
    // The page's policy allows fonts from the server only, and no data: addresses for them.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 400,
    rollupOptions: {
      input: { [PAGE]: 'index.html', [WORKER]: 'src/worker/sw.ts' },
      output: {
        codeSplitting: { groups: [{ debugName: 'page', name: fileOf }] },
        // A worker belongs to the addresses below its own, for as long as that is the same.
        entryFileNames: ({ name }) =>
          name === WORKER ? `${WORKER}.js` : 'assets/[name]-[hash].js',
      },
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: SERVER },
      '/media': { target: SERVER },
      '/ws': { target: SERVER, ws: true },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    unstubGlobals: true,
    maxWorkers: 2,
    testTimeout: 10_000,
  },
});
