# syntax=docker/dockerfile:1
# The server as one static program in an empty image, as an unprivileged user.
#
#   docker build --tag otpwire .
#
# To make the image of programs that are built already, put them in FOLDER/out/amd64 and FOLDER/out/arm64, with an
# empty folder `data` beside each, and give the folder instead of the stage `build`, as .github/workflows/release.yml
# does: docker buildx build --build-context build=FOLDER --platform linux/amd64,linux/arm64 .

FROM rust:1.95.0-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends musl-tools \
    && rm -rf /var/lib/apt/lists/* \
    && rustup target add "$(uname -m)-unknown-linux-musl"
# SQLite, ring and mimalloc are C, and have to be compiled for musl too.
ENV CC_x86_64_unknown_linux_musl=musl-gcc CC_aarch64_unknown_linux_musl=musl-gcc
WORKDIR /src

# The dependencies, in a layer that only changes with Cargo.toml and Cargo.lock: empty sources stand in for ours.
COPY Cargo.toml Cargo.lock ./
COPY migration/Cargo.toml migration/
RUN mkdir -p src migration/src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs migration/src/lib.rs \
    && cargo build --locked --release --bin otpwire --target "$(uname -m)-unknown-linux-musl"

COPY assets assets
COPY migration migration
COPY otpwire.example.toml ./
COPY src src
ARG TARGETARCH
# Newer than the empty ones, whatever times the copied files have.
RUN find src migration -name '*.rs' -exec touch {} + \
    && cargo build --locked --release --bin otpwire --target "$(uname -m)-unknown-linux-musl" \
    && mkdir -p "/out/$TARGETARCH/data" \
    && cp "target/$(uname -m)-unknown-linux-musl/release/otpwire" "/out/$TARGETARCH/otpwire"

FROM scratch
ARG TARGETARCH
COPY --from=build /out/${TARGETARCH}/otpwire /usr/local/bin/otpwire
# With SQLite: the database and its key. Numeric, because an empty image has no names of users, and so that Kubernetes can
# see that it is not root.
COPY --from=build --chown=65532:65532 /out/${TARGETARCH}/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
# Every address, because loopback is the container's own. OTPWIRE_PUBLIC_URL says how it is reached from outside, which
# links and providers' signatures need; without it that is http://localhost:8080.
# An empty image has no /tmp: SQLite's temporary files and those of `otpwire demo` go beside the database.
ENV PATH=/usr/local/bin TMPDIR=/data OTPWIRE_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["otpwire", "health"]
# It handles SIGTERM as the first process too, and then drains: allow drain_seconds and 80 more.
STOPSIGNAL SIGTERM
ENTRYPOINT ["otpwire"]
CMD ["serve"]
