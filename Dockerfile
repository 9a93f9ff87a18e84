# One image for every process of Baton: the API (as it is), a worker (`dist/worker.js`), the command (`dist/baton.js`).
# Debian, because Temporal's native part is not built for musl.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY tsconfig.json ./
COPY workflows workflows
COPY activities activities
COPY adapters adapters
COPY process process
COPY store store
COPY courier courier
COPY api api
COPY worker worker
COPY dev/build dev/build
# Every process loads the same bytes, and none waits for a compiler.
RUN npm run build

FROM ${NODE_IMAGE}
# Hands signals on and buries what its child leaves behind: Node as process 1 does neither.
RUN apt-get update && apt-get install --yes --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
# Which build decides what stands in every run's record; give each image its own.
ARG BATON_BUILD=dev
ENV NODE_ENV=production HOST=0.0.0.0 BATON_BUILD=${BATON_BUILD}
WORKDIR /app
# Root's, so that the process can't change its own code.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
EXPOSE 8080 9464
ENTRYPOINT ["tini", "--", "node", "--enable-source-maps"]
CMD ["dist/api.js"]
