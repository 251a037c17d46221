#include "support/certificates.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace hearth::test {

namespace {

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

}  // namespace

Certificates::Certificates() {
  make_key("ca");
  run("openssl req -x509 -new -key " + file("ca.key") + " -subj /CN=test-ca -days 2 -out " + file("ca.crt"));
  sign("server", "subjectAltName=IP:127.0.0.1,DNS:localhost");
  sign("client", "subjectAltName=DNS:elsewhere.test");
  sign("named", "subjectAltName=DNS:redis.test");
}

void Certificates::make_key(const std::string& name) const {
  run("openssl ecparam -name prime256v1 -genkey -noout -out " + file(name + ".key") + " 2>/dev/null");
}

void Certificates::sign(const std::string& name, const std::string& extension) const {
  make_key(name);
  std::ofstream(file(name + ".ext")) << extension << '\n';
  run("openssl req -new -key " + file(name + ".key") + " -subj /CN=" + name + " -out " + file(name + ".csr"));
  run("openssl x509 -req -in " + file(name + ".csr") + " -CA " + file("ca.crt") + " -CAkey " + file("ca.key") +
      " -CAcreateserial -days 2 -extfile " + file(name + ".ext") + " -out " + file(name + ".crt") + " 2>/dev/null");
}

}  // namespace hearth::test
