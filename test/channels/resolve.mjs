import { register } from 'node:module';

const packages = new URL('./package.json', import.meta.url).href;

// Loaded before a process of the product that reads what channels get: their packages are installed here.
const resolve = `
export async function resolve(name, context, next) {
  try {
    return await next(name, context);
  } catch (error) {
    return next(name, { ...context, parentURL: ${JSON.stringify(packages)} });
  }
}`;
register(`data:text/javascript,${encodeURIComponent(resolve)}`);
