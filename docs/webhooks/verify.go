// Check a message of paygate: go run verify.go SECRET ID TIMESTAMP SIGNATURE [NOW] < BODY
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

const toleranceS = 300

func verify(secret, id, timestamp, signature string, body []byte, now float64) bool {
	at, err := strconv.ParseUint(timestamp, 10, 63)
	if err != nil || math.Abs(now-float64(at)) > toleranceS {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	good := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, one := range strings.Split(signature, " ") {
		if hmac.Equal([]byte(good), []byte(one)) {
			return true
		}
	}
	return false
}

func main() {
	body, _ := io.ReadAll(os.Stdin)
	now := float64(time.Now().Unix())
	if len(os.Args) > 5 {
		now, _ = strconv.ParseFloat(os.Args[5], 64)
	}
	if !verify(os.Args[1], os.Args[2], os.Args[3], os.Args[4], body, now) {
		fmt.Println("bad")
		os.Exit(1)
	}
	fmt.Println("good")
}
