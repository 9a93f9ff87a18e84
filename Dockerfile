# One image for every process of Baton: the API (as it is), a worker (`worker/main.ts`), the command (`worker/baton.js`).
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
# Every worker loads the same bytes, and none waits for a bundler.
RUN node worker/baton.js bundle workflow-bundle.js

FROM ${NODE_IMAGE}
# Hands signals on and buries what its child leaves behind: Node as process 1 does neither.
RUN apt-get update && apt-get install --yes --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
# Which build decides what stands in every run's record; give each image its own.
ARG BATON_BUILD=dev
ENV NODE_ENV=production HOST=0.0.0.0 BATON_BUILD=${BATON_BUILD} BATON_WORKFLOW_BUNDLE=/app/workflow-bundle.js
WORKDIR /app
# Root's, so that the process can't change its own code.
COPY --from=build /app ./
USER node
EXPOSE 8080 9464
ENTRYPOINT ["tini", "--", "node", "--import", "tsx"]
CMD ["api/main.ts"]
