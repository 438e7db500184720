# Playwright with its browsers, and otpwire, for .gitlab-ci.yml. The image of otpwire is built from its own Dockerfile.
FROM registry.example.com/otpwire:0.1.0 AS otpwire
FROM mcr.microsoft.com/playwright:v1.65.1-noble
COPY --from=otpwire /usr/local/bin/otpwire /usr/local/bin/otpwire
