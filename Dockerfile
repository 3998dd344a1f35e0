# The platform and the mall in one image; compose.yaml says what runs where.
FROM node:20-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --ignore-scripts && node scripts/setup.mjs && node scripts/mall-web.mjs

FROM node:20-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build --chown=node:node /app /app
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 3000 9876 10911
ENTRYPOINT ["node", "packages/skylark/dist/main.js", "start"]
