/**
 * Builds what is published into dist/, and what the command has inside into web/hearth-client.js; another folder than
 * web/ may be given. Names that end in `_` are the package's own, and shortened.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('./', import.meta.url));
const kOptions = {
  absWorkingDir: here, bundle: true, format: 'esm', target: 'es2022', mangleProps: /_$/, logLevel: 'warning', charset: 'utf8',
};

/** One file for pages without a build step of their own. */
export function buildForPages(folder) {
  return build({
    ...kOptions,
    stdin: {
      contents: "export * from './index.ts';\nexport * from './encryption.ts';\n", resolveDir: `${here}src`, sourcefile: 'page.ts',
    },
    banner: { js: '// Built from clients/js by script/client. Changes go there.' },
    outfile: `${folder}/hearth-client.js`,
  });
}

async function buildPackage() {
  rmSync(`${here}dist`, { recursive: true, force: true });
  const options = { ...kOptions, outdir: 'dist', external: ['react'] };
  // The hooks know the client's own names.
  const { mangleCache } = await build({ ...options, entryPoints: ['src/index.ts'], mangleCache: {} });
  await build({ ...options, entryPoints: ['src/encryption.ts', 'src/react.ts'], mangleCache });
  execFileSync(`${here}node_modules/.bin/tsc`, ['--project', here], { stdio: 'inherit' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPackage();
  await buildForPages(process.argv[2] ?? `${here}../../web`);
}
