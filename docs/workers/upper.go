package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

func task(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	t, v1, _ := strings.Cut(r.Header.Get("Rowmill-Signature"), ",")
	mac := hmac.New(sha256.New, []byte(os.Getenv("SECRET")))
	t = strings.TrimPrefix(t, "t=")
	mac.Write([]byte(t + "." + string(body)))
	sent, _ := strconv.ParseInt(t, 10, 64)
	if !hmac.Equal([]byte("v1="+hex.EncodeToString(mac.Sum(nil))), []byte(v1)) ||
		time.Since(time.Unix(sent, 0)).Abs() > 5*time.Minute {
		http.Error(w, "not signed by Rowmill", http.StatusForbidden)
		return
	}
	var call struct {
		Rows []struct {
			ID   json.Number
			Name string
		}
	}
	if err := json.Unmarshal(body, &call); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	update := []any{}
	for _, row := range call.Rows {
		update = append(update, map[string]any{
			"key": map[string]any{"id": row.ID}, "set": map[string]any{"name": strings.ToUpper(row.Name)}})
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"update": update})
}

func main() {
	http.HandleFunc("/", task)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
