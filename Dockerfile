# The server in a small image without a shell, as an unprivileged user.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --bin otpwire \
    && mkdir -p /out/data \
    && cp target/release/otpwire /out/otpwire

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/otpwire /usr/local/bin/otpwire
COPY --from=build --chown=nonroot:nonroot /out/data /data
WORKDIR /data
VOLUME /data
ENV OTPWIRE_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["otpwire", "health"]
ENTRYPOINT ["otpwire"]
CMD ["serve"]
