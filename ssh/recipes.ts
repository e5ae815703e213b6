import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';

/** One recipe as it is served and run; `name` is its path below recipes/ without `.sh`. */
export type Recipe = {
  name: string;
  sha256: string;
  text: string;
  inputs: { name: string; required: boolean }[];
};

export type Recipes = {
  /** Throws internal for a name that does not exist. */
  get(name: string): Recipe;
  bySha256(sha256: string): Recipe | undefined;
};

const INPUTS = /^# Inputs:\n((?:#.*\n)*)/m;
const INPUT = /^#   ([A-Z][A-Z0-9_]*)(\??)(?:\s|$)/;

export function readRecipes(folder: string): Recipes {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.sh'));
  const recipes = files.map((file) =>
    parseRecipe(relative('.', file).slice(0, -3), readFileSync(join(folder, file), 'utf8')),
  );
  const byName = new Map(recipes.map((recipe) => [recipe.name, recipe]));
  const byDigest = new Map(recipes.map((recipe) => [recipe.sha256, recipe]));
  return {
    get(name) {
      const recipe = byName.get(name);
      if (recipe === undefined) throw new DcdgetError('internal', `There is no recipe ${name}`);
      return recipe;
    },
    bySha256: (sha256) => byDigest.get(sha256),
  };
}

/** The inputs are those listed under `# Inputs:` in the head, `NAME` or, when it may be absent, `NAME?`. */
export function parseRecipe(name: string, text: string): Recipe {
  const listed = INPUTS.exec(text)?.[1] ?? '';
  const inputs: Recipe['inputs'] = [];
  for (const line of listed.split('\n')) {
    if (/^# (?! )|^#$/.test(line)) break;
    const match = INPUT.exec(line);
    if (match?.[1]) inputs.push({ name: match[1], required: match[2] !== '?' });
  }
  return { name, sha256: createHash('sha256').update(text).digest('hex'), text, inputs };
}

/** Every declared input, absent optional ones empty. Throws internal for a missing or an undeclared one. */
export function completeInputs(recipe: Recipe, given: Readonly<Record<string, string>>): Record<string, string> {
  const declared = new Set(recipe.inputs.map(({ name }) => name));
  const stranger = Object.keys(given).find((name) => !declared.has(name));
  if (stranger !== undefined) throw new DcdgetError('internal', `${recipe.name} does not declare ${stranger}`);
  return Object.fromEntries(
    recipe.inputs.map(({ name, required }) => {
      const value = given[name] ?? '';
      if (required && value === '') throw new DcdgetError('internal', `${recipe.name} needs ${name}`);
      if (value.includes('\0')) throw new DcdgetError('internal', `${recipe.name}: ${name} holds a NUL`);
      return [name, value];
    }),
  );
}
